package io.github.videoquery.query;

import static io.github.videoquery.cache.CacheFixture.FINISHED;
import static io.github.videoquery.cache.CacheFixture.QUERY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.videoquery.cache.CacheFixture;
import io.github.videoquery.edge.Exchange;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.task.Body;
import io.github.videoquery.task.TaskReply.Finished;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.http.ResponseEntity;
import org.springframework.mock.web.MockHttpServletRequest;

class VideoQueryControllerTest {
  private final CacheFixture fixture = new CacheFixture();
  private final Responder responder =
      new Responder(
          new ReplyRenderer(fixture.cache::gzip),
          new QueryMetrics(fixture.registry, fixture.time),
          fixture.memory);
  private final VideoQueryController controller =
      new VideoQueryController(fixture.cache, responder);
  private final Exchange exchange = new Exchange("abc", true, 0, "");

  @Test
  void miss_isAnswered_byACall() {
    fixture.provider.reply(FINISHED);
    exchange.ask(QUERY);

    ResponseEntity<byte[]> answer = controller.query(exchange, request());

    assertThat(answer.getStatusCode().value()).isEqualTo(200);
    assertThat(answer.getBody()).isEqualTo(FINISHED.body().bytes());
    assertThat(answer.getHeaders().getFirst("Cache-Status")).contains("fwd=uri-miss");
  }

  @Test
  void fieldsOfTheRequest_areCombined() {
    fixture.provider.reply(new Finished(new Body(new byte[2000]), "completed", null, null, null));
    exchange.ask(QUERY);
    MockHttpServletRequest request = request();
    request.addHeader("Accept-Encoding", "br");
    request.addHeader("Accept-Encoding", "gzip");
    request.addHeader("If-None-Match", "\"a\"");
    request.addHeader("If-None-Match", "\"b\"");

    assertThat(RequestFields.of(request))
        .isEqualTo(new RequestFields("GET", "\"a\", \"b\"", "br, gzip"));
    assertThat(controller.query(exchange, request).getHeaders().getFirst("Content-Encoding"))
        .isEqualTo("gzip");
    assertThat(RequestFields.of(request())).isEqualTo(new RequestFields("GET", null, null));
  }

  @Test
  void queryOfNobody_isRefused() {
    assertThatThrownBy(() -> controller.query(exchange, request()))
        .isInstanceOfSatisfying(
            ProblemException.class,
            refusal -> assertThat(refusal.problem().code()).isEqualTo(ProblemCode.UNAUTHENTICATED));
    assertThat(fixture.provider.calls).hasValue(0);
  }

  @Test
  void largeBody_countsAsBeingWritten_untilTheExchangeEnds() {
    fixture.provider.reply(
        new Finished(new Body(new byte[100_000]), "completed", null, null, null));
    exchange.ask(QUERY);

    controller.query(exchange, request());

    assertThat(fixture.memory.held()).isGreaterThanOrEqualTo(100_000);
    exchange.ended();
    assertThat(fixture.memory.held()).isZero();
  }

  @Test
  void time_isCounted_fromWhenTheAnswerBegan() {
    fixture.provider.reply(
        query -> {
          fixture.time.advance(Duration.ofSeconds(3));
          return FINISHED;
        });
    fixture.time.advance(Duration.ofSeconds(10));
    exchange.ask(QUERY);

    controller.query(exchange, request());

    Timer timer =
        fixture.registry.get("gateway.queries").tags("mode", "ask", "result", "miss").timer();
    assertThat(timer.totalTime(TimeUnit.SECONDS)).isEqualTo(3);
    assertThat(timer.getId().getTag("model")).isEqualTo("veo3");
  }

  private static MockHttpServletRequest request() {
    return new MockHttpServletRequest("GET", "/v1/video/query");
  }

  @ParameterizedTest
  @CsvSource({
    "PT60S, PT8S, PT1H, 0, 0, 1, ",
    "PT0.1S, PT1S, PT10S, 1, 1, 200, ",
    "PT0S, PT8S, PT1H, 1, 1, 50, gateway.wait.max",
    "PT-1S, PT8S, PT1H, 1, 1, 50, gateway.wait.max",
    "PT60S, PT0.999S, PT1H, 1, 1, 50, gateway.wait.heartbeat",
    "PT60S, PT8S, PT9.999S, 1, 1, 50, gateway.wait.max-stream-age",
    "PT60S, PT8S, PT1H, -1, 1, 50, gateway.wait.max-waiters",
    "PT60S, PT8S, PT1H, 1, -1, 50, gateway.wait.max-waiters-per-client",
    "PT60S, PT8S, PT1H, 1, 1, 0, gateway.wait.max-tasks-per-stream",
    "PT60S, PT8S, PT1H, 1, 1, 201, gateway.wait.max-tasks-per-stream",
  })
  void settings_areValid_orNamed(
      Duration max,
      Duration heartbeat,
      Duration age,
      int waiters,
      int perClient,
      int tasks,
      String wrong) {
    if (wrong == null) {
      assertThat(new WaitProperties(max, heartbeat, age, waiters, perClient, tasks).max())
          .isEqualTo(max);
    } else {
      assertThatThrownBy(() -> new WaitProperties(max, heartbeat, age, waiters, perClient, tasks))
          .isInstanceOfSatisfying(
              InvalidConfigurationPropertyValueException.class,
              invalid -> assertThat(invalid.getName()).isEqualTo(wrong));
    }
  }
}
