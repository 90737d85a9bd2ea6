"""Names of units that are also everyday phrases or people's names: a sentence must use them as places."""

from __future__ import annotations

from referral_directory.places.spelling import letters


def _phrases(text: str) -> frozenset[tuple[str, ...]]:
    return frozenset(letters(phrase) for phrase in text.replace("\n", "").split("|"))


EVERYDAY = _phrases(
    """
    yên bình|hạnh phúc|hòa bình|tân tiến|đồng tâm|an bình|bình yên|thành công|bình an|an toàn|
    yên ổn|đoàn kết|tự do|độc lập|thống nhất|hợp nhất|đồng tiến|tiến bộ|tiên tiến|vĩnh viễn|ba vì|
    cần thơ|sơn la|long an|an giang|gia lai|cao bằng|thanh bình|thái bình|đại đồng|đại đoàn kết|
    quyết thắng|quyết tiến|toàn thắng|chiến thắng|hợp lý|hợp thành|thành tâm|công bằng|tân dân|
    vì dân|an ninh|yên tâm|an tâm|trung thành|trung thực|trung tâm|hy vọng|phú quý|giàu sang|
    thịnh vượng|phát đạt|bình thuận|bình minh|hoàng hôn|cộng hòa|dân chủ|dân tiến|phong ba|hòa hợp|
    hòa thuận|thuận hòa|hòa an|hòa giải|quang minh|ánh sáng|minh châu|kim liên|
    trường sơn|trung quốc|nghĩa tình|ân tình|tân hôn|văn hóa|văn minh|tân thời|thanh niên|phụ nữ|
    liên hiệp|hiệp thành|hợp tác|xuân hòa|thanh xuân|tân xuân|đầu tiên|cát bụi|bảo vệ|an thần|
    tam giác|tây nam|đông nam|bắc nam|tây bắc|đông bắc|nam tiến|đông phương|tây phương|phương đông|
    hưng thịnh|mỹ lệ|mỹ thuật|yên vui|bình đẳng|nhân nghĩa|nhân hậu|nhân đạo|nhân ái|
    đức hạnh|phúc lợi|phúc hậu|thiện chí|thiện mỹ|tân tạo|đổi mới|sông hồng|cửu long|thới hòa|
    tình cảm|quảng cáo|phương tiện|bãi cháy|vạn thắng|lợi hại|đồng ý|đồng lòng|
    quang trung|hưng đạo|hồ chí minh|việt nam|trần phú|lê lợi|nguyễn huệ|nguyễn trãi|lê chân|
    trung hòa|hiệp hòa|tự nhiên|tự lập|tự cường|dân hòa|tiền phong|tiên phong|đầu đàn|đồng loạt|
    phú hộ|hiền hòa|an cư|an phúc|an hòa|an lành|an khang|khang an|bảo an|bảo yên|ninh an|
    vĩnh hằng|long trọng|long lanh|mai sau|nam cường|hùng cường|phú cường|việt cường|hòa hiệp|
    sơn hà|giang sơn|đất đỏ|đất mũi|ba xa|
    ba vinh|tam thanh|ngã ba|bảy núi|ngã bảy|ngã năm|ba động|ba dinh|hai bà trưng|
    chợ mới|tân sinh|
    liên quan|chỉ đạo|an sinh|hợp đồng|phong phú|đạo đức|duy nhất|định cư|trung thu|nhân chính|
    nhân quyền|hội hợp|ban công|liên hợp|biên giới|trung bình|bảo hiệu|trung đông|thể dục|lý học|
    thành triệu|tiền lương|văn phòng|an hảo
    """
)
"""Everyday phrases, heroes and streets, with marks."""
EVERYDAY_PLAIN = _phrases(
    """
    gia dinh|tien bo|van tu|lien quan|van ban|cong an|an toan|chi dao|an sinh|van hoa|hop nhat|
    dong nam|tam lanh|bao an|co bi|la gi|dong y|phuong tien|binh yen|dong ve|lien hiep|co noi|
    dong vien|lam hai|dong co|dai dien|to tung|trung tam|hop dong|co ma|nhan la|tu ha|van co|
    dong an|va nan|hanh phuc|hop li|dieu tri|vu cong|an ninh|tu xa|so nan|an co|nhan co|
    thanh lap|dong tinh|tu do|ban co|van minh|cong bang|can duoc|phong phu|dao duc|an tinh|
    tien toi|hoi phu|van phong|thai do|duy nhat|tien luong|an hoa|dinh cu|co nghia|vo lao|nao t|
    co ba|qua nha|trung thu|nhan chinh|con co|nhu co|nhan quyen|con lon|hoi hop|ban cong|mo o|
    la lay|tung anh|an noi|van con|la hai|ve an|bien gioi|ba chua|tu minh|binh tinh|va nhung|
    sinh o|van hoc|doan ket|trung dong|the duc|doc lap|thong nhat|an lao|an than|an o|tan hoa|
    o dien|o mon|dien ban|ban hang|phong ba|tam dao|ba to|an ui|nha be|nam can|tra no|tu ki|
    con dao|tien len|ba na|an loc|hoi an|gia loc|ba vi|nha ba
    """
)
"""What reads as everyday words once the marks are left out: "gia đình", "tiền lương"."""
GIVEN_NAMES = _phrases(
    """
    hải dương|thanh hà|hùng cường|thái bình|hà nam|hà giang|khánh hòa|bình dương|thái nguyên|
    hòa bình|lâm hà|hải hà|kim sơn|thanh sơn|tân sơn|hà trung|thanh bình|minh long|thanh liêm|
    ngọc hà|thu cúc|kim anh|kim liên|bảo lâm|bảo yên|nam định|nam giang|thái hòa|xuân trường|
    phú quý|phú tân|thành công|hoài đức|hoài ân|an dương|hoàng mai|thanh xuân|bảo lạc|trung sơn|
    hoàng long|hồng hà|ngọc hồi|thạch thành|tuấn đạo|quốc oai|tuệ tĩnh|tân châu|châu thành|
    minh hóa|hải châu|hải an|hồng bàng|vân hà|vân du|thanh khê|thanh hải|sơn trà|hòa vang|quế sơn|
    kim ngân|thúy lộc|lệ thủy|thanh thủy|minh châu|bảo châu|ngọc linh|hà linh|khánh linh|
    kim phượng|phú thọ|long an|an giang|kiên giang|bình an|trường giang|hà thanh|hoàng vân|thu hà|
    vân đồn|đức huệ|đức linh
    """
)
"""Names that people bear; with "em" or "con" before them they are not where the writer is."""
