package io.github.videoquery.query;

import static io.github.videoquery.cache.CacheFixture.FAILED;
import static io.github.videoquery.cache.CacheFixture.FINISHED;
import static io.github.videoquery.cache.CacheFixture.QUERY;
import static io.github.videoquery.cache.CacheFixture.UNFINISHED;
import static io.github.videoquery.support.FakeProvider.DOWN;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.Answer.Source;
import io.github.videoquery.cache.CacheFixture;
import io.github.videoquery.problem.HttpReply;
import io.github.videoquery.problem.ProblemRequest;
import io.github.videoquery.task.Body;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.Known;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Refusal;
import io.github.videoquery.task.TaskReply.Refused;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplyRendererTest {
  private static final Known LARGE =
      new Finished(
          new Body("large ".repeat(400).getBytes(StandardCharsets.UTF_8)),
          "completed",
          null,
          null,
          null);
  private static final byte[] COMPRESSED = {1, 2, 3};

  private final CacheFixture fixture = new CacheFixture();
  private final ReplyRenderer renderer = new ReplyRenderer((query, entry) -> COMPRESSED);

  @Test
  void finishedTask_mayBeCached_forAsLongAsItIsFresh() {
    HttpReply reply = get(fixture.answer(FINISHED, Source.HIT, Duration.ofMinutes(1)));

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.body()).isSameAs(FINISHED.body().bytes());
    assertThat(reply.field("Cache-Control")).isEqualTo("private, max-age=43200");
    assertThat(reply.field("Age")).isEqualTo("60");
    assertThat(reply.field("ETag")).isEqualTo('"' + FINISHED.body().tag() + '"');
    assertThat(reply.field("Content-Type")).isEqualTo("application/json");
    assertThat(reply.field("Content-Length")).isEqualTo("8");
    assertThat(reply.field("Content-Encoding")).isNull();
    assertThat(reply.field("Retry-After")).isNull();
    assertThat(reply.field("Cache-Status")).isEqualTo("video-query-gateway; hit; ttl=43140");
  }

  @Test
  void staleAnswer_mayNotBeCached() {
    HttpReply reply = get(fixture.answer(FINISHED, Source.STALE, Duration.ofHours(13)));

    assertThat(reply.field("Cache-Control")).isEqualTo("private, no-cache");
    assertThat(reply.field("Cache-Status"))
        .isEqualTo("video-query-gateway; fwd=stale; detail=stale-if-error");
  }

  @Test
  void failedTask_isRevalidated() {
    HttpReply reply = get(fixture.answer(FAILED));

    assertThat(reply.field("Cache-Control")).isEqualTo("private, no-cache");
    assertThat(reply.field("Cache-Status")).isEqualTo("video-query-gateway; fwd=uri-miss; stored");
    assertThat(reply.field("Retry-After")).isNull();
  }

  @ParameterizedTest
  @CsvSource({"0, 2", "500, 2", "1001, 1", "1999, 1"})
  void unfinishedTask_saysWhenToComeBack(long ageMillis, String retryAfter) {
    HttpReply reply = get(fixture.answer(UNFINISHED, Source.HIT, Duration.ofMillis(ageMillis)));

    assertThat(reply.field("Retry-After")).isEqualTo(retryAfter);
    assertThat(reply.field("Cache-Control")).isEqualTo("private, no-cache");
  }

  @Test
  void retryAfter_is30SecondsAtMost_andOneAtLeast() {
    Answer answer = fixture.answer(UNFINISHED);
    Answer far =
        new Answer(answer.entry(), Source.HIT, false, false, answer.at(), 100_000_000_000L, null);
    Answer past = new Answer(answer.entry(), Source.HIT, false, false, answer.at(), -5, null);

    assertThat(get(far).field("Retry-After")).isEqualTo("30");
    assertThat(get(past).field("Retry-After")).isEqualTo("1");
  }

  @Test
  void collapsedAnswer_saysSo() {
    Answer answer = fixture.answer(UNFINISHED, Source.REFRESH, Duration.ZERO);
    Answer collapsed =
        new Answer(
            answer.entry(), Source.REFRESH, false, true, answer.at(), answer.askAgainIn(), null);

    assertThat(get(answer).field("Cache-Status"))
        .isEqualTo("video-query-gateway; fwd=stale; stored");
    assertThat(get(collapsed).field("Cache-Status"))
        .isEqualTo("video-query-gateway; fwd=stale; collapsed");
  }

  @Test
  void head_hasTheFields_andNoBody() {
    HttpReply reply = render(fixture.answer(FINISHED), "HEAD", null, null);

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.body()).isNull();
    assertThat(reply.field("Content-Length")).isEqualTo("8");
  }

  @Test
  void bodyThatTheCallerHas_is304_withoutABody() {
    String tag = '"' + FINISHED.body().tag() + '"';
    HttpReply reply = render(fixture.answer(FINISHED), "GET", "\"x\", " + tag, null);

    assertThat(reply.status()).isEqualTo(304);
    assertThat(reply.body()).isNull();
    assertThat(reply.field("ETag")).isEqualTo(tag);
    assertThat(reply.field("Content-Type")).isNull();
    assertThat(reply.field("Content-Length")).isNull();
    assertThat(reply.field("Cache-Control")).startsWith("private, max-age");
  }

  @Test
  void largeBody_isCompressed_whereThatIsAccepted() {
    HttpReply plain = render(fixture.answer(LARGE), "GET", null, null);
    HttpReply gzip = render(fixture.answer(LARGE), "GET", null, "gzip");

    assertThat(plain.body()).isSameAs(LARGE.body().bytes());
    assertThat(gzip.body()).isSameAs(COMPRESSED);
    assertThat(gzip.field("Content-Encoding")).isEqualTo("gzip");
    assertThat(gzip.field("Content-Length")).isEqualTo("3");
    assertThat(gzip.field("ETag")).isEqualTo('"' + LARGE.body().tag() + "-gzip\"");
    assertThat(render(fixture.answer(FINISHED), "GET", null, "gzip").field("Content-Encoding"))
        .as("a small body")
        .isNull();
  }

  @Test
  void bodyThatTheCallerHas_isNotCompressedFirst() {
    var compressingFails =
        new ReplyRenderer(
            (query, entry) -> {
              throw new IllegalStateException("compressed");
            });
    HttpReply reply =
        compressingFails.render(
            QUERY,
            fixture.answer(LARGE),
            new RequestFields("GET", '"' + LARGE.body().tag() + "-gzip\"", "gzip"),
            ProblemRequest.unread("id"));

    assertThat(reply.status()).isEqualTo(304);
    assertThat(reply.field("ETag")).endsWith("-gzip\"");
  }

  @Test
  void bodyIsSentAsItIs_whenThereIsNoMemoryToCompressIt() {
    var withoutMemory = new ReplyRenderer((query, entry) -> null);
    HttpReply reply =
        withoutMemory.render(
            QUERY,
            fixture.answer(LARGE),
            new RequestFields("GET", null, "gzip"),
            ProblemRequest.unread("id"));

    assertThat(reply.body()).isSameAs(LARGE.body().bytes());
    assertThat(reply.field("Content-Encoding")).isNull();
    assertThat(reply.field("ETag")).isEqualTo('"' + LARGE.body().tag() + '"');
  }

  @Test
  void charsetOfTheProvider_goesAlong() {
    var latin =
        new Finished(
            new Body(new byte[] {'{', '}'}, Charset.forName("GBK"), ""),
            "completed",
            null,
            null,
            null);

    assertThat(get(fixture.answer(latin)).field("Content-Type"))
        .isEqualTo("application/json;charset=GBK");
  }

  @ParameterizedTest
  @CsvSource({"404, task-not-found", "502, upstream-error", "503, upstream-overloaded"})
  void failure_isAProblem(int status, String code) {
    TaskReply failure =
        switch (status) {
          case 404 -> new NotFound();
          case 502 -> DOWN;
          default -> new Refused(Refusal.OVERLOADED, 503, Duration.ofSeconds(12));
        };
    HttpReply reply = get(fixture.answer(failure));

    assertThat(reply.status()).isEqualTo(status);
    assertThat(reply.field("Content-Type")).isEqualTo("application/problem+json");
    assertThat(reply.field("Cache-Control")).isEqualTo("no-store");
    assertThat(reply.field("Cache-Status")).startsWith("video-query-gateway; fwd=uri-miss");
    assertThat(reply.field("Retry-After")).isEqualTo(status == 503 ? "12" : null);
    assertThat(new String(reply.body(), StandardCharsets.UTF_8))
        .contains("\"code\":\"" + code + "\"", "\"requestId\":\"id\"");
  }

  private HttpReply get(Answer answer) {
    return render(answer, "GET", null, null);
  }

  private HttpReply render(
      Answer answer, String method, @Nullable String ifNoneMatch, @Nullable String encoding) {
    return renderer.render(
        QUERY,
        answer,
        new RequestFields(method, ifNoneMatch, encoding),
        ProblemRequest.unread("id"));
  }
}
