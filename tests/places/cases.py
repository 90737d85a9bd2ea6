"""What people type and the place it tells: one line each, `text => place`.

A place is "Xã X, Tỉnh" (certain), "? Tỉnh" (ask, the province is certain), "?" (ask) or "-" (no place).
`* text` means that the bot has just asked where. After "|" stand choices that must be offered.
"""

from __future__ import annotations

from typing import NamedTuple

LINES = """
# communes of today, with their kind
chồng tôi vừa đánh tôi, tôi ở xã Cẩm Tân, Cẩm Thủy => Xã Cẩm Tân, Thanh Hóa
tôi ở xã Cẩm Tân => Xã Cẩm Tân, Thanh Hóa
x. Cẩm Tân => Xã Cẩm Tân, Thanh Hóa
em o xa cam tan bi chong danh => Xã Cẩm Tân, Thanh Hóa
XÃ CẨM TÂN => Xã Cẩm Tân, Thanh Hóa
xa cam tan, cam thuy, thanh hoa => Xã Cẩm Tân, Thanh Hóa
xax Caamr Taan => Xã Cẩm Tân, Thanh Hóa
xã Cẩm Tânn tỉnh Thanh Hoá => Xã Cẩm Tân, Thanh Hóa
xã Trà Cú => Xã Trà Cú, Vĩnh Long
xã Kế Sách => Xã Kế Sách, Cần Thơ
Phường Sóc Trăng => Phường Sóc Trăng, Cần Thơ
em o xa hoi an, an giang => Xã Hội An, An Giang
phuong soc trang can tho => Phường Sóc Trăng, Cần Thơ
phường Trà Vinh tỉnh Vĩnh Long => Phường Trà Vinh, Vĩnh Long
em đang trọ phường Dĩ An => Phường Dĩ An, Hồ Chí Minh
phường Điện Biên Phủ ạ => Phường Điện Biên Phủ, Điện Biên
xã Bình Lư, Lai Châu => Xã Bình Lư, Lai Châu
xã Tả Lèng => Xã Tả Lèng, Lai Châu
xã Khun Há => Xã Khun Há, Lai Châu
xã Bản Bo có địa chỉ tin cậy nào không => Xã Bản Bo, Lai Châu
Xã Sin Suối Hồ => Xã Sin Suối Hồ, Lai Châu
xã Cẩm Thủy, Thanh Hóa => Xã Cẩm Thủy, Thanh Hóa
xã Cẩm Thạch => Xã Cẩm Thạch, Thanh Hóa
xã Cẩm Vân => Xã Cẩm Vân, Thanh Hóa
công an xã Cẩm Tú số mấy => Xã Cẩm Tú, Thanh Hóa
đặc khu Phú Quốc => Đặc khu Phú Quốc, An Giang
dac khu phu quoc => Đặc khu Phú Quốc, An Giang
em ở đảo Phú Quốc => Đặc khu Phú Quốc, An Giang
đặc khu Lý Sơn => Đặc khu Lý Sơn, Quảng Ngãi
Lý Sơn => Đặc khu Lý Sơn, Quảng Ngãi
huyện Lý Sơn, Quảng Ngãi => Đặc khu Lý Sơn, Quảng Ngãi
ấp Hòa Bình xã Kế Sách => Xã Kế Sách, Cần Thơ
thôn Phú Lai, xã Cẩm Tân => Xã Cẩm Tân, Thanh Hóa
xã Tả Lèng ở Lai Châu đó chị => Xã Tả Lèng, Lai Châu
Cần Thơ, xã Kế Sách => Xã Kế Sách, Cần Thơ
em ở phường Ninh Kiều => Phường Ninh Kiều, Cần Thơ
nhà tui ở xã Tân Thành, Cà Mau => Phường Tân Thành, Cà Mau
Xã Hòa Bình, Vĩnh Long => Xã Hòa Bình, Vĩnh Long
bà con xã Hoà Bình tỉnh Vĩnh Long => Xã Hòa Bình, Vĩnh Long

# old communes, wards and towns
xã Cẩm Long Cẩm Thủy Thanh Hóa => Xã Cẩm Tân, Thanh Hóa
xã Cẩm Long cũ, huyện Cẩm Thủy => Xã Cẩm Tân, Thanh Hóa
xã Cẩm Phú, huyện Cẩm Thủy => Xã Cẩm Tân, Thanh Hóa
xã Cẩm Bình, Cẩm Thủy => Xã Cẩm Thạch, Thanh Hóa
xã Cẩm Lương huyện Cẩm Thuỷ => Xã Cẩm Tú, Thanh Hóa
xã Cẩm Yên, Cẩm Thủy => Xã Cẩm Vân, Thanh Hóa
thị trấn Phong Sơn => Xã Cẩm Thủy, Thanh Hóa
tt Phong Sơn, Cẩm Thủy => Xã Cẩm Thủy, Thanh Hóa
thi tran phong son cam thuy => Xã Cẩm Thủy, Thanh Hóa
thị trấn Tam Đường => Xã Bình Lư, Lai Châu
xã Bản Hon, Tam Đường => Xã Khun Há, Lai Châu
xã Giang Ma => Xã Tả Lèng, Lai Châu
xã Nà Tăm huyện Tam Đường => Xã Bản Bo, Lai Châu
xã Thèn Sin => Xã Sin Suối Hồ, Lai Châu
xã Nùng Nàng, Tam Đường => Phường Tân Phong, Lai Châu
thị trấn Kế Sách => Xã Kế Sách, Cần Thơ
p.5 TP Sóc Trăng => Phường Sóc Trăng, Cần Thơ
phường 5 sóc trăng => Phường Sóc Trăng, Cần Thơ
P5 sóc trăng => Phường Sóc Trăng, Cần Thơ
p6 tp soc trang => Phường Sóc Trăng, Cần Thơ
F7, TP. Sóc Trăng => Phường Sóc Trăng, Cần Thơ
phường 08 thành phố Sóc Trăng => Phường Sóc Trăng, Cần Thơ
sóc trăng phường 5 => Phường Sóc Trăng, Cần Thơ
phường 9 tp trà vinh => Phường Trà Vinh, Vĩnh Long
em ở phường 1, thành phố Trà Vinh, tỉnh Trà Vinh => Phường Trà Vinh, Vĩnh Long
phường Hồ Nai => Phường Hố Nai, Đồng Nai
phường Hố Nai, Biên Hòa => ? Đồng Nai | Phường Hố Nai, Đồng Nai; Phường Long Bình, Đồng Nai
xã Phú Hữu, Châu Thành, Hậu Giang => Xã Phú Hữu, Cần Thơ
xã Long Phú, thị xã Long Mỹ => Phường Long Phú 1, Cần Thơ
Cẩm Tân - Cẩm Thủy - Thanh Hoá => Xã Cẩm Tân, Thanh Hóa
cam tan cam thuy => Xã Cẩm Tân, Thanh Hóa
em ở Cẩm Long, Cẩm Thủy => Xã Cẩm Tân, Thanh Hóa
quê em ở Cẩm Tân, Cẩm Thủy bị mẹ chồng chửi suốt => Xã Cẩm Tân, Thanh Hóa
xã Long Phú, huyện Long Phú => Xã Long Phú, Cần Thơ

# old districts, and names that are a district and a commune
huyện Tam Đường => ? Lai Châu | Xã Bình Lư, Lai Châu; Xã Tả Lèng, Lai Châu; Phường Tân Phong, Lai Châu
H. Kế Sách => ? Cần Thơ | Xã Kế Sách, Cần Thơ; Xã An Lạc Thôn, Cần Thơ
huyen ke sach soc trang => ? Cần Thơ | Xã Kế Sách, Cần Thơ
huyện Kế Xách => ? Cần Thơ | Xã Kế Sách, Cần Thơ
em ở Kế Sách => ? Cần Thơ | Xã Kế Sách, Cần Thơ
Kế Sách => ? Cần Thơ | Xã Kế Sách, Cần Thơ
em ở Cầu Kè => ? Vĩnh Long | Xã Cầu Kè, Vĩnh Long
tôi ở Tủa Chùa, Điện Biên => ? Điện Biên | Xã Tủa Chùa, Điện Biên
em o tua chua => ? Điện Biên | Xã Tủa Chùa, Điện Biên
Cẩm Thủy, Thanh Hóa => ? Thanh Hóa | Xã Cẩm Thủy, Thanh Hóa; Xã Cẩm Tân, Thanh Hóa
tx Vĩnh Châu => ? Cần Thơ | Phường Vĩnh Châu, Cần Thơ
thị xã Vĩnh Trâu => ? Cần Thơ | Phường Vĩnh Châu, Cần Thơ
TP Sóc Trăng => ? Cần Thơ | Phường Sóc Trăng, Cần Thơ
TP Trà Vinh => ? Vĩnh Long | Phường Trà Vinh, Vĩnh Long
tp. biên hòa => ? Đồng Nai | Phường Biên Hòa, Đồng Nai
quận 7 => ? Hồ Chí Minh | Phường Tân Hưng, Hồ Chí Minh
q7 => ? Hồ Chí Minh | Phường Tân Hưng, Hồ Chí Minh
bị đánh ở Q.7 => ? Hồ Chí Minh
quan 7 tphcm => ? Hồ Chí Minh
q9 sài gòn => ? Hồ Chí Minh
quận Ninh Kiều => ? Cần Thơ | Phường Ninh Kiều, Cần Thơ
Bà Rịa => ? Hồ Chí Minh | Phường Bà Rịa, Hồ Chí Minh
Vũng Tàu => ? Hồ Chí Minh | Phường Vũng Tàu, Hồ Chí Minh
em mới về Vũng Tàu => ? Hồ Chí Minh
Đà Lạt => ? Lâm Đồng
ở Thủ Đức => ? Hồ Chí Minh | Phường Thủ Đức, Hồ Chí Minh
bmt đắk lắk => ? Đắk Lắk
huyện Châu Thành, Trà Vinh => ? Vĩnh Long
huyện Châu Thành => ?
huyện Mường Tè Lai Châu => ? Lai Châu
Phú Quốc => ? An Giang | Đặc khu Phú Quốc, An Giang

# provinces, new and old
Sóc Trăng => ? Cần Thơ
soc trang => ? Cần Thơ
SÓC TRĂNG => ? Cần Thơ
ở Xóc Trăng => ? Cần Thơ
tỉnh Xóc Trăng => ? Cần Thơ
bến tre => ? Vĩnh Long
an giang => ? An Giang
em ở long an => ? Tây Ninh
em o long an => ? Tây Ninh
ở cần thơ => ? Cần Thơ
TP Cần Thơ => ? Cần Thơ
tp hcm => ? Hồ Chí Minh
TPHCM => ? Hồ Chí Minh
em đang ở tp.hcm => ? Hồ Chí Minh
ở sg => ? Hồ Chí Minh
đang ở sài gòn => ? Hồ Chí Minh
SAI GON => ? Hồ Chí Minh
ở HN => ? Hà Nội
tôi ở Hà Nội => ? Hà Nội
dak lak => ? Đắk Lắk
ở đắc lắc => ? Đắk Lắk
tỉnh Đắk Nông => ? Lâm Đồng
Huế => ? Huế
o hue => ? Huế
Thừa Thiên Huế => ? Huế
bị bạo hành ở Thừa Thiên - Huế thì gọi ai => ? Huế
tỉnh Bà Rịa - Vũng Tàu => ? Hồ Chí Minh
em là người Trà Vinh => ? Vĩnh Long
tỉnh lai châu => ? Lai Châu
tinh lai chau => ? Lai Châu
Đồng Nai => ? Đồng Nai
thành phố Bắc Ninh => ? Bắc Ninh
em người Hòa Bình ạ => ? Phú Thọ
ở hòa bình => ? Phú Thọ
Sóc Trăng có chỗ nào giúp phụ nữ bị đánh không => ? Cần Thơ
chị Thanh Hà ở Hải Dương bị đánh => ? Hải Phòng

p12 q gò vấp => Phường An Hội Tây, Hồ Chí Minh
q1 p bến nghé => Phường Sài Gòn, Hồ Chí Minh
em làm ở kcn Sóng Thần, Dĩ An => ? Hồ Chí Minh
em ở KTX Thủ Đức => ? Hồ Chí Minh
em ở Sapa => ? Lào Cai
tt cầu kè => Xã Cầu Kè, Vĩnh Long
can tho co nha tam lanh khong => ? Cần Thơ
Tổ 5, ấp Phú Hòa, xã Phú Tân, Châu Thành, Sóc Trăng => Xã Thuận Hòa, Cần Thơ
buôn Tul xã Ea Tul huyện Cư M'gar Đắk Lắk => Xã Ea Tul, Đắk Lắk
em ở tp Huế => ? Huế

# several communes fit
xã Tân Thành => ?
xã Bình Minh => ?
phường 5 => ?
xã Tân Tiến => ?
tôi ở phường 5 => ?
xã Hòa Bình => ?
xã Ea Trang => Xã Ea Trang, Đắk Lắk

# several places in one sentence
em quê Cẩm Tân, giờ ở trọ phường Dĩ An => Phường Dĩ An, Hồ Chí Minh
em que xa cam tan, gio o tro phuong di an => Phường Dĩ An, Hồ Chí Minh
từ Trà Vinh lên Bình Dương làm => ? Hồ Chí Minh
chuyển từ xã Cẩm Tân qua phường Dĩ An => Phường Dĩ An, Hồ Chí Minh
mới từ phường Dĩ An về xã Cẩm Tân => Xã Cẩm Tân, Thanh Hóa
tu soc trang len binh duong lam cong nhan => ? Hồ Chí Minh
mẹ em ở Cà Mau, em ở Sóc Trăng => ? Cần Thơ
em ở Sóc Trăng, chồng quê Cà Mau => ? Cần Thơ
em quê Trà Vinh lấy chồng về xã Kế Sách => Xã Kế Sách, Cần Thơ
hộ khẩu xã Cẩm Tân nhưng đang thuê trọ ở phường Dĩ An => Phường Dĩ An, Hồ Chí Minh
xã Cẩm Long nay là xã Cẩm Tân => Xã Cẩm Tân, Thanh Hóa

# the bot has just asked where
* hòa bình => ? Phú Thọ
* cam tan => Xã Cẩm Tân, Thanh Hóa
* Kế Sách => ? Cần Thơ
* Kế xách => ? Cần Thơ
* ke sach nha => ? Cần Thơ
* Cẩm Tân => Xã Cẩm Tân, Thanh Hóa
* dạ em ở cẩm tân ạ => Xã Cẩm Tân, Thanh Hóa
* yên bình => ?
* đồng tâm => ?
* trà cú => ? Vĩnh Long
* soc trang => ? Cần Thơ
* p5 => ?
* vinh => ? Nghệ An
* phường 5 tp sóc trăng => Phường Sóc Trăng, Cần Thơ
* Cẩm Thuỷ Thanh Hoá => ? Thanh Hóa
* em không biết => -
* bí mật => -
* thôi không cần đâu => -
* hem biết nữa => -
* ấp 3 => -
* ấp Hòa Bình => -
* bỏ qua => -
* sao lại hỏi vậy => -
* hoà bình cho mọi người => -
* để làm gì => -

# no place
hoà bình cho mọi người => -
gia đình yên bình => -
mong gia đình mình được bình yên => -
sống trong hòa bình => -
phụ nữ có quyền sống hạnh phúc => -
em chỉ muốn hạnh phúc thôi => -
chúc chị thành công => -
cả nhà đồng tâm hiệp lực => -
tư tưởng tân tiến => -
ba vì con mà nhịn => -
má ở lại cũng là ba vì con => -
cần thơ ca cho tâm hồn => -
em cần thơ để đọc => -
sơn la hét om sòm => -
long ăn cơm chưa => -
nó cao bằng em rồi => -
cậu ấy gia lai con lai => -
anh Hải Dương đánh em => -
chị Thanh Hà bị chồng đánh => -
Hùng Cường đánh tôi => -
em tên Hòa Bình => -
bạn Khánh Hòa lớp em bị bắt nạt => -
thầy Thái Bình sờ người em => -
con Hà Giang nó tát con => -
ông Sơn Tây hàng xóm hay chửi vợ => -
ấp Hòa Bình => -
thôn Đoài => -
tổ 5 khu phố 3 => -
bản em có nhiều bạn bị bắt vợ => -
chị em ở đường Lê Lợi => -
trường Nguyễn Trãi có bạo lực => -
xã hội đen đòi nợ => -
xã hội này bất công quá => -
con ở xa nhà => -
tỉnh dậy thấy đau hết người => -
sang Trung Quốc bị bán => -
bị lừa sang Hàn Quốc lấy chồng => -
em lấy chồng ở Mỹ => -
chồng em đi Mỹ rồi => -
phong ba bão táp => -
ở nhà không yên => -
o nha chong danh hoai => -
bi chong danh trong gia dinh => -
em sợ quá => -
cứu em => -
P5 => -
F5 => -
F1 thua rồi => -
3 giờ chiều hôm qua => -
tôi bị chồng đánh => -
toi bi chong danh gay tay => -
anh ấy nóng tính lắm => -
thời tiết hôm nay thế nào => -
đồng ý => -
không => -
... => -
cầm dao phú quốc => -
nó nằm định đánh em => -
thời tiết Hà Nội hôm nay thế nào => -
công an Hà Nội bắt 3 đối tượng => -
tư tưởng Hồ Chí Minh về bình đẳng giới => -
bạn Tân Tiến lớp 8A => -
xã nào cũng được => -
cái phường bất lương => -
xa hoi nay bat cong qua => -
tinh day thay dau het nguoi => -
tu ve doc lap tu do => -
phường hội ngày xưa => -
chồng về quê chưa lên => -
cắm tận gốc => -
ra ngoài đường cho bình an => -
bình đẳng giới là gì => -
luật phòng chống bạo lực gia đình => -
nó bắt em ở trong phòng => -
chồng em quản lý hết tiền lương => -
an toàn => -
em muốn độc lập kinh tế => -
về hạnh phúc gia đình => -
ở đây không ai giúp em => -
quen bạn trai trên mạng tên Long An => -
"""


class Case(NamedTuple):
    """One line of the table."""

    text: str
    expecting: bool
    place: str
    offered: tuple[str, ...]


def cases() -> list[Case]:
    """Return the table."""
    found = []
    for line in LINES.splitlines():
        if not line or line.startswith("#"):
            continue
        text, _, rest = line.rpartition(" => ")
        place, _, offered = rest.partition(" | ")
        choices = tuple(c for c in offered.split("; ") if c)
        found.append(Case(text.removeprefix("* "), text.startswith("* "), place, choices))
    return found
