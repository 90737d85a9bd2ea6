# Two images of one source: `bot` (Python 3.11) and `nlu` (Rasa on Python 3.10, with the model trained while it is built).
FROM python:3.11-slim-bookworm AS bot-made
WORKDIR /opt/tincay
RUN python -m venv .venv
COPY requirements.txt .
RUN .venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements.txt
COPY . .
RUN .venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation --editable . && .venv/bin/python -m compileall -q bot content nlu referral_directory

FROM python:3.11-slim-bookworm AS bot
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 TINCAY_DATA_DIR=/var/lib/tincay
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin tincay \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/tincay
COPY --from=bot-made /opt/tincay /opt/tincay
WORKDIR /opt/tincay
USER 10001:10001
VOLUME /var/lib/tincay
ENTRYPOINT [".venv/bin/tincay"]
CMD ["up"]

FROM python:3.10-slim-bookworm AS nlu-made
WORKDIR /opt/tincay
RUN python -m venv .venv
COPY nlu/requirements.txt nlu/requirements.txt
RUN .venv/bin/pip install --no-cache-dir --require-hashes --requirement nlu/requirements.txt
COPY config.yml config.yml
COPY nlu nlu
ENV RASA_TELEMETRY_ENABLED=false PYTHONHASHSEED=0 CUDA_VISIBLE_DEVICES="" OMP_NUM_THREADS=1
RUN .venv/bin/python -m rasa train nlu --config config.yml --nlu nlu/data --out models --fixed-model-name tincay

FROM python:3.10-slim-bookworm AS nlu
ENV RASA_TELEMETRY_ENABLED=false PYTHONHASHSEED=0 CUDA_VISIBLE_DEVICES="" OMP_NUM_THREADS=1 TF_CPP_MIN_LOG_LEVEL=3 \
    PYTHONDONTWRITEBYTECODE=1 PYTHONWARNINGS=ignore SQLALCHEMY_SILENCE_UBER_WARNING=1 HOME=/tmp
RUN useradd --system --uid 10002 --user-group --no-create-home --shell /usr/sbin/nologin nlu
COPY --from=nlu-made /opt/tincay /opt/tincay
WORKDIR /opt/tincay
USER 10002:10002
CMD ["sh", "-c", "RASA_SERVER_TOKEN=\"$(cat /run/tincay-secrets/tincay_nlu_token)\" exec .venv/bin/python -m nlu.serve --enable-api --interface 0.0.0.0 --port 5005 --model models/tincay.tar.gz --endpoints nlu/endpoints.yml"]
