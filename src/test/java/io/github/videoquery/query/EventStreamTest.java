package io.github.videoquery.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.support.FakeResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The format of the HTML standard, section 9.2. */
class EventStreamTest {
  private final FakeResponse response = new FakeResponse();
  private final EventStream events = new EventStream(response.response());

  @Test
  void head_saysWhatItIs_andThatNobodyMayHoldItBack() throws Exception {
    events.begin();

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.fields.get("Content-Type")).isEqualTo("text/event-stream");
    assertThat(response.fields.get("Cache-Control")).isEqualTo("private, no-cache, no-transform");
    assertThat(response.fields.get("X-Accel-Buffering")).isEqualTo("no");
    assertThat(response.take()).isEqualTo(":\n");
    assertThat(response.isComplete()).isFalse();
  }

  @Test
  void event_hasNameIdAndData() throws Exception {
    events.event("status", "tag", bytes("{\"a\":1}"));
    events.event("end", null, bytes("finished"));

    assertThat(response.take())
        .isEqualTo("event: status\nid: tag\ndata: {\"a\":1}\n\nevent: end\ndata: finished\n\n");
  }

  @Test
  void eachLineOfTheData_isOneOfTheEvent_whateverEndsIt() throws Exception {
    events.event("e", null, bytes("a\nb\r\nc\rd\n\ne\r\n"));

    assertThat(response.take())
        .isEqualTo("event: e\ndata: a\ndata: b\ndata: c\ndata: d\ndata: \ndata: e\ndata: \n\n");
  }

  @Test
  void lastByte_canBeACarriageReturn() throws Exception {
    events.event("e", null, bytes("a\r"));

    assertThat(response.take()).isEqualTo("event: e\ndata: a\ndata: \n\n");
  }

  @Test
  void commentAndRetry_haveNoBlankLine() throws Exception {
    events.comment();
    events.retry(1500);

    assertThat(response.take()).isEqualTo(":\nretry: 1500\n");
  }

  @Test
  void largeEvent_isWrittenInParts_andWhole() throws Exception {
    String data = "x".repeat(100_000) + "\n" + "y".repeat(16 << 10);
    events.event("e", null, bytes(data));

    assertThat(response.writes()).isBetween(7, 9);
    assertThat(response.largestWrite()).isLessThanOrEqualTo(16 << 10);
    assertThat(response.take())
        .isEqualTo("event: e\ndata: " + data.replace("\n", "\ndata: ") + "\n\n");
  }

  @Test
  void requestId_isTheResponses() {
    response.fields.put("X-Request-Id", "abc");

    assertThat(events.request().requestId()).isEqualTo("abc");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
