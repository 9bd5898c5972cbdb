# docker build -t video-query-gateway .        (BuildKit is not needed)
ARG BUILD_IMAGE=eclipse-temurin:25-jdk
ARG RUNTIME_IMAGE=eclipse-temurin:25-jre

FROM ${BUILD_IMAGE} AS build
WORKDIR /build
# Dependencies and plugins, anew only when the POM changes.
COPY mvnw pom.xml LICENSE ./
COPY .mvn .mvn
RUN ./mvnw -B -ntp -q dependency:go-offline
COPY src src
RUN ./mvnw -B -ntp -q -DskipTests -Dspotless.goal=check package \
 && java -Djarmode=tools -jar target/video-query-gateway-*.jar extract --layers --application-filename gateway.jar --destination extracted

FROM ${RUNTIME_IMAGE} AS application
WORKDIR /app
COPY --from=build /build/extracted/dependencies ./
COPY --from=build /build/extracted/application ./
COPY --from=build /build/target/classes/META-INF/sbom/application.cdx.json /build/LICENSE /app/
# Memory by the container's limit: what is not heap is for threads, code and direct buffers; what the compiler freed goes
# back to the system. The JVM reads this file first, so JDK_JAVA_OPTIONS wins over it; and it prints no line about it.
RUN printf '%s\n' MaxRAMPercentage=33 TrimNativeHeapInterval=30000 +UseCompactObjectHeaders +ExitOnOutOfMemoryError > jvm.flags

# Start-up and the first requests from an AOT cache, made by the very JVM that will use it.
FROM application AS training
COPY --from=build /build/target/test-classes /training
RUN java -cp '/training:/app/lib/*' io.github.videoquery.simulation.TrainingRun \
      java -XX:Flags=/app/jvm.flags -XX:AOTCacheOutput=/app/gateway.aot -jar gateway.jar

FROM application
COPY --from=training /app/gateway.aot ./
# For a read-only root file system: all that is written are the server's scratch folders.
VOLUME /tmp
USER 10001:10001
EXPOSE 8080 8081
ENTRYPOINT ["java", "-XX:Flags=/app/jvm.flags", "-XX:AOTCache=/app/gateway.aot", "-jar", "gateway.jar"]

ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="Video Query Gateway" \
      org.opencontainers.image.description="One endpoint for GET /v1/video/query that holds the provider's key, caches finished tasks and shares calls." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0"
