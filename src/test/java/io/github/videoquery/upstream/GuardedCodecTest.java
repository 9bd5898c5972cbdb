package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.support.FakeTime;
import io.github.videoquery.upstream.GuardedCodec.InvalidResponseException;
import io.github.videoquery.upstream.GuardedCodec.NoResponseException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.timeout.ReadTimeoutException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.netty.channel.ChannelOperations;

class GuardedCodecTest {
  private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";
  private static final String OWN = HEAD + "body";
  private static final String HINT = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";

  private final FakeTime time = new FakeTime(Instant.EPOCH);
  private final ResponseTimes times = new ResponseTimes(time);
  private final EmbeddedChannel channel =
      new EmbeddedChannel(
          new GuardedCodec(Duration.ofSeconds(10), times, new AddressHealth(time), time));

  @AfterEach
  void release() {
    channel.releaseInbound();
    channel.releaseOutbound();
    var _ = channel.close();
  }

  @Test
  void answer_isPassedOn_andTheConnectionKept() {
    for (int i = 0; i < 3; i++) {
      request();
      assertThat(read(OWN)).isEqualTo("200 body .");
      assertKept();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 102, 103, 104, 199})
  void interimAnswer_isSkipped(int status) {
    request();

    assertThat(read("HTTP/1.1 " + status + " X\r\n\r\n")).isEmpty();
    assertThat(read(HINT.repeat(5) + OWN)).isEqualTo("200 body .");
    assertKept();
  }

  @ParameterizedTest
  @ValueSource(strings = {OWN, HEAD, "HTTP/1.1 2", "\r\n", "x", HINT})
  void bytesOnAnIdleConnection_closeIt(String bytes) {
    request();
    read(OWN);

    assertThat(read(bytes)).isEmpty();
    assertThat(channel.isOpen()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {OWN, HEAD, "HTTP/1.1 2", "\r\n", "x", HINT})
  void bytesBehindAnAnswerInItsPacket_giveTheAnswer_andUpTheConnection(String bytes) {
    request();

    assertThat(read(OWN + bytes)).isEqualTo("200 body .");
    assertGivenUp();
  }

  @ParameterizedTest
  @ValueSource(strings = {OWN, "HTTP/1.1 2", "x"})
  void bytesBehindAnAnswerInTheSameRead_giveTheAnswer_andUpTheConnection(String bytes) {
    request();

    var _ = channel.writeOneInbound(buffer(OWN));
    assertThat(said()).as("the end waits for the read").isEqualTo("200");
    var _ = channel.writeOneInbound(buffer(bytes));
    channel.flushInbound();

    assertThat(said()).isEqualTo("body .");
    assertGivenUp();
  }

  @Test
  void nextRequest_mayBeWritten_whileTheEndIsPassedOn() {
    request();
    read(OWN);
    request();

    assertThat(read(OWN)).isEqualTo("200 body .");
    assertKept();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 099 X\r\n\r\n",
        "HTTP/1.1 1000 X\r\n\r\n",
        "HTTP/1.1 2 X\r\n\r\n",
        "HTTP/1.1 abc X\r\n\r\n",
        "HTTP/1.1 101 X\r\n\r\nxyz",
        "HTTP/1.1 200 X\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 X\r\nContent-Length: 4, 5\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "\u0000\u0000\u0012\u0004\u0000\u0000\u0000\u0000\u0000"
      })
  void invalidAnswer_failsTheCall_andGivesUpTheConnection(String answer) {
    request();

    assertThat(failure(answer)).isInstanceOf(InvalidResponseException.class);
    assertGivenUp();
  }

  @Test
  void bytesBeforeAnyRequest_failTheCall() {
    assertThat(failure("\u0000\u0000\u0012\u0004\u0000\u0000"))
        .isInstanceOf(InvalidResponseException.class);
    assertGivenUp();
  }

  @Test
  void equalLengths_areOne() {
    request();

    assertThat(read("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n" + HEAD.substring(17) + "body"))
        .isEqualTo("200 body .");
    assertKept();
  }

  @Test
  void lengthBesideChunks_givesUpTheConnection() {
    request();

    channel.writeInbound(
        buffer("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"));

    HttpResponse head = channel.readInbound();
    assertThat(head.headers().get("Connection")).isEqualTo("close");
  }

  @Test
  void head_mayBeOf64Kilobytes_andNoMore() {
    request();
    assertThat(read("HTTP/1.1 200 OK\r\nX: " + "x".repeat(60_000) + HEAD.substring(15) + "body"))
        .isEqualTo("200 body .");
    request();

    assertThat(failure("HTTP/1.1 200 OK\r\nX: " + "x".repeat(70_000) + "\r\n\r\n"))
        .isInstanceOf(InvalidResponseException.class);
  }

  @Test
  void timeout408_isAnAnswer_onANewConnection_andNone_onAReusedOne() {
    String timeout = "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n";
    request();
    assertThat(read(timeout)).isEqualTo("408 .");
    request();

    assertThat(failure(timeout)).isInstanceOf(NoResponseException.class);
    assertGivenUp();
  }

  @ParameterizedTest
  @ValueSource(strings = {"H", "HTTP/1.1 200 OK\r\n", HINT})
  void connectionThatEndsWithinAHead_isCut_notUnanswered(String part) {
    request();
    assertThat(read(part)).isEmpty();

    channel.pipeline().fireExceptionCaught(new IOException("Connection reset"));

    HttpResponse head = channel.readInbound();
    assertThat(head.decoderResult().cause()).isInstanceOf(PrematureChannelClosureException.class);
  }

  @Test
  void connectionThatEndsBeforeAByte_isUnanswered() {
    request();

    var _ = channel.close();

    assertThat(said()).isEmpty();
  }

  @Test
  void silence_failsTheCall_onAReusedConnectionOnly() {
    channel.freezeTime();
    request();
    pass(Duration.ofSeconds(9));
    assertThat(read(OWN)).as("a new connection is waited for").isEqualTo("200 body .");
    pass(Duration.ofMinutes(2)); // forgets the 9 s
    request();
    pass(Duration.ofMillis(1_900));
    assertThat(said()).isEmpty();

    pass(Duration.ofMillis(200));

    HttpResponse head = channel.readInbound();
    assertThat(head.decoderResult().cause()).isInstanceOf(NoResponseException.class);
    assertGivenUp();
  }

  @Test
  void silence_isSeen_afterAQuickFirstRequest() {
    channel.freezeTime();
    request();
    read(OWN);
    for (int i = 0; i < 3; i++) {
      request();
      pass(Duration.ofMillis(300));
      read(OWN);
    }
    request();

    pass(Duration.ofMillis(2_100));

    assertThat(((HttpResponse) channel.readInbound()).decoderResult().cause())
        .isInstanceOf(NoResponseException.class);
  }

  @Test
  void silence_isAccepted_twiceAsLongAsAnswersLatelyTook() {
    channel.freezeTime();
    request();
    pass(Duration.ofSeconds(3));
    read(OWN);
    request();

    pass(Duration.ofMillis(5_900));

    assertThat(said()).isEmpty();
    assertThat(read(HINT + OWN)).isEqualTo("200 body .");
    request();
    pass(Duration.ofSeconds(7));
    assertThat(read(OWN)).as("bounds of earlier requests do not count").isEqualTo("200 body .");
    assertKept();
  }

  @Test
  void silence_endsTheCall_afterTheResponseTimeout_alsoWithinABody() {
    channel.freezeTime();
    request();
    pass(Duration.ofMillis(9_900));
    assertThat(said()).isEmpty();
    pass(Duration.ofMillis(200));
    assertThat(((HttpResponse) channel.readInbound()).decoderResult().cause())
        .isInstanceOf(ReadTimeoutException.class);
    assertGivenUp();
  }

  @Test
  void silence_isCountedFromTheLastBytes() {
    channel.freezeTime();
    request();
    for (int i = 0; i < 3; i++) {
      pass(Duration.ofSeconds(9));
      assertThat(read(HINT)).isEmpty();
    }
    assertThat(read(HEAD)).isEqualTo("200");
    pass(Duration.ofSeconds(9));
    assertThat(read("b")).isEqualTo("b");

    pass(Duration.ofMillis(10_100));

    assertThat(((HttpResponse) channel.readInbound()).decoderResult().cause())
        .isInstanceOf(ReadTimeoutException.class);
  }

  @Test
  void standstillOfTheProcess_isNoSilence() {
    channel.freezeTime();
    request();
    pass(Duration.ofSeconds(1));

    time.advance(Duration.ofSeconds(20));
    channel.advanceTimeBy(20, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();

    assertThat(read(OWN)).as("it lay in the socket").isEqualTo("200 body .");
    assertKept();
  }

  private void pass(Duration duration) {
    for (long step = 0; step < duration.toMillis(); step += 100) {
      time.advance(Duration.ofMillis(100));
      channel.advanceTimeBy(100, TimeUnit.MILLISECONDS);
      channel.runScheduledPendingTasks();
    }
  }

  private void request() {
    channel.writeOutbound(
        new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/v1/video/query?id=a"));
    channel.releaseOutbound();
  }

  private String read(String bytes) {
    if (channel.isOpen()) {
      channel.writeInbound(buffer(bytes));
    }
    return said();
  }

  /** What was passed on: the status, the body's parts, a dot at the end. */
  private String said() {
    List<String> said = new ArrayList<>();
    for (Object part = channel.readInbound(); part != null; part = channel.readInbound()) {
      if (part instanceof HttpResponse head) {
        said.add(Integer.toString(head.status().code()));
      }
      if (part instanceof HttpContent content) {
        ByteBuf bytes = content.content();
        if (bytes.isReadable()) {
          said.add(bytes.toString(StandardCharsets.US_ASCII));
        }
        content.release();
      }
      if (part instanceof LastHttpContent) {
        said.add(".");
      }
    }
    return String.join(" ", said);
  }

  private Throwable failure(String bytes) {
    channel.writeInbound(buffer(bytes));
    HttpResponse head = channel.readInbound();
    return head.decoderResult().cause();
  }

  private void assertKept() {
    assertThat(channel.isOpen()).isTrue();
    assertThat(isPersistent()).isTrue();
  }

  private void assertGivenUp() {
    assertThat(isPersistent() && channel.isOpen()).isFalse();
  }

  /** What the pool asks when the answer is over. */
  private boolean isPersistent() {
    return new ChannelOperations<>(() -> channel, (connection, state) -> {}).isPersistent();
  }

  private static ByteBuf buffer(String bytes) {
    return Unpooled.copiedBuffer(bytes, StandardCharsets.ISO_8859_1);
  }
}
