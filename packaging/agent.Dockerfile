# The agent as a container: docker build -f packaging/agent.Dockerfile -t fleet-agent .
#   docker run --rm -v fleet-agent:/var/lib/fleet-agent fleet-agent enroll --server URL --token TOKEN
#   docker run -d --restart always --stop-timeout 30 --network host -v fleet-agent:/var/lib/fleet-agent fleet-agent
# With the host's network producers on the device reach it on 127.0.0.1:8001, as without a container.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
RUN apt-get update && apt-get install -y --no-install-recommends clang zlib1g-dev
WORKDIR /src
COPY . .
RUN dotnet publish agent/FleetManager.Agent -c Release -p:PublishAot=true --use-current-runtime -o /out \
    && mkdir -p /agent /data && cp /out/fleet-agent /out/libe_sqlite3.so /agent/

FROM mcr.microsoft.com/dotnet/runtime-deps:10.0
COPY --from=build /agent /usr/lib/fleet-agent
# A volume takes its owner from here.
COPY --from=build --chown=$APP_UID:$APP_UID /data /var/lib/fleet-agent
ENV FLEET_AGENT_DATA_DIR=/var/lib/fleet-agent
USER $APP_UID
VOLUME /var/lib/fleet-agent
# The running agent answers, or it does not.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["/usr/lib/fleet-agent/fleet-agent", "status"]
ENTRYPOINT ["/usr/lib/fleet-agent/fleet-agent"]
CMD ["run"]
