package io.github.videoquery.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.github.videoquery.support.GatewayFixture;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Spans as a collector gets them (OTLP over HTTP). */
@ExtendWith(OutputCaptureExtension.class)
class TracingTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String CALLERS_SPAN = "b7ad6b7169203331";
  private static final String TRACEPARENT = "00-" + TRACE + "-" + CALLERS_SPAN + "-01";

  private static final Queue<Span> spans = new ConcurrentLinkedQueue<>();
  private static HttpServer collector;

  @BeforeAll
  static void start() throws IOException {
    collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    collector.createContext(
        "/v1/traces",
        exchange -> {
          var request = ExportTraceServiceRequest.parseFrom(exchange.getRequestBody());
          request
              .getResourceSpansList()
              .forEach(
                  resource ->
                      resource.getScopeSpansList().forEach(s -> spans.addAll(s.getSpansList())));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    collector.start();
  }

  @AfterAll
  static void stop() {
    collector.stop(0);
  }

  private GatewayFixture gateway;

  @BeforeEach
  void startGateway() {
    spans.clear(); // before the start, of which there is to be none
    gateway =
        GatewayFixture.start(
            "management.opentelemetry.tracing.export.otlp.endpoint=http://127.0.0.1:"
                + collector.getAddress().getPort()
                + "/v1/traces",
            "management.opentelemetry.tracing.export.schedule-delay=50ms",
            "gateway.access-log.enabled=true");
  }

  @AfterEach
  void stopGateway() {
    gateway.close();
  }

  @Test
  void callersTrace_goesOnToTheProvider_andToTheCollector(CapturedOutput output) throws Exception {
    gateway.get("id=veo3:1770350082-finished01", "traceparent", TRACEPARENT);

    await().until(() -> spans.size() >= 2);
    Span server = ofKind(Span.SpanKind.SPAN_KIND_SERVER);
    Span client = ofKind(Span.SpanKind.SPAN_KIND_CLIENT);
    assertThat(
            List.of(hex(server.getTraceId().toByteArray()), hex(client.getTraceId().toByteArray())))
        .containsOnly(TRACE);
    assertThat(hex(server.getParentSpanId().toByteArray())).isEqualTo(CALLERS_SPAN);
    assertThat(client.getParentSpanId()).isEqualTo(server.getSpanId());
    assertThat(server.getName()).isEqualTo("GET /v1/video/query");
    assertThat(server.getAttributesList().toString()).contains("http.route", "200");
    assertThat(gateway.provider.calls().getFirst().headers())
        .containsEntry(
            "traceparent", "00-" + TRACE + "-" + hex(client.getSpanId().toByteArray()) + "-01");
    assertThat(spans.toString()).doesNotContain("finished01");
    await().untilAsserted(() -> assertThat(output).contains("\"traceId\":\"" + TRACE + "\""));
  }

  @Test
  void feedsCall_belongsToNoCallersTrace() throws Exception {
    gateway.get("id=veo3:1770350082-finished02&wait=1", "traceparent", TRACEPARENT);

    await()
        .until(
            () ->
                spans.stream().anyMatch(span -> span.getKind() == Span.SpanKind.SPAN_KIND_SERVER));
    assertThat(hex(ofKind(Span.SpanKind.SPAN_KIND_SERVER).getTraceId().toByteArray()))
        .isEqualTo(TRACE);
    assertThat(gateway.provider.calls().getFirst().headers().get("traceparent"))
        .doesNotContain(TRACE);
  }

  @Test
  void answerFromMemory_isOneSpan() throws Exception {
    gateway.get(
        "id=veo3:1770350082-finished03", "traceparent", "00-" + TRACE + "-b7ad6b7169203331-00");
    gateway.get("id=veo3:1770350082-finished03", "traceparent", TRACEPARENT);

    await().until(() -> !spans.isEmpty());
    assertThat(spans)
        .singleElement()
        .extracting(Span::getKind)
        .isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
  }

  @Test
  void nothingIsTraced_withoutAnEndpoint() throws Exception {
    try (GatewayFixture untraced = GatewayFixture.start()) {
      untraced.get("id=veo3:1770350082-finished04", "traceparent", TRACEPARENT);

      assertThat(untraced.provider.calls().getFirst().headers()).doesNotContainKey("traceparent");
      assertThat(untraced.prometheus()).doesNotContain("otel");
    }
  }

  private static Span ofKind(Span.SpanKind kind) {
    return spans.stream().filter(span -> span.getKind() == kind).findFirst().orElseThrow();
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
