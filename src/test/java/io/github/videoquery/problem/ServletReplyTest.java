package io.github.videoquery.problem;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.support.RawHttp;
import io.github.videoquery.support.ServletServer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.eclipse.jetty.http.HttpField;
import org.junit.jupiter.api.Test;

/** Replies and problems in a servlet's response. */
class ServletReplyTest {
  @Test
  void reply_isWrittenAsItIs() throws Exception {
    var reply =
        new HttpReply(
            203,
            List.of(new HttpField("Content-Type", "text/x"), new HttpField("ETag", "\"new\"")),
            "body".getBytes(StandardCharsets.UTF_8));

    RawHttp answer =
        ServletServer.answer(
            (_, response) -> {
              response.setHeader("ETag", "\"old\"");
              reply.writeTo(response);
            });

    assertThat(answer.status()).isEqualTo(203);
    assertThat(answer.headers())
        .containsEntry("content-type", "text/x")
        .containsEntry("etag", "\"new\"");
    assertThat(answer.body()).isEqualTo("body");
  }

  @Test
  void replyWithoutABody_hasNone() throws Exception {
    var reply = new HttpReply(304, List.of(new HttpField("ETag", "\"a\"")), null);

    RawHttp answer = ServletServer.answer((_, response) -> reply.writeTo(response));

    assertThat(answer.status()).isEqualTo(304);
    assertThat(answer.body()).isEmpty();
  }

  @Test
  void problem_takesThePlaceOfAnAnswerThatWasBegun() throws Exception {
    RawHttp answer =
        ServletServer.answer(
            (_, response) -> {
              response.setHeader("ETag", "\"old\"");
              response.getOutputStream().print("begun");
              Problem.of(ProblemCode.OVERLOADED).writeTo(response);
            });

    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.headers()).doesNotContainKey("etag");
    assertThat(answer.body()).startsWith("{").contains("\"code\":\"overloaded\"");
  }

  @Test
  void answerThatIsOnItsWay_isLeftAlone() throws Exception {
    RawHttp answer =
        ServletServer.answer(
            (_, response) -> {
              response.getOutputStream().print("begun");
              response.flushBuffer();
              Problem.of(ProblemCode.OVERLOADED).writeTo(response);
            });

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).contains("begun").doesNotContain("overloaded");
  }
}
