FROM python:3.13-slim
WORKDIR /app
COPY . .
RUN pip install --no-cache-dir -c requirements.txt . && rm -rf /app
WORKDIR /data
VOLUME /data
ENV SMALLPRINT_CONFIG=/data/smallprint.toml
EXPOSE 8001
ENTRYPOINT ["smallprint"]
CMD ["--help"]
