package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.task.Body;
import io.github.videoquery.task.BodyMemory;
import io.github.videoquery.upstream.BodyRoom.NoRoomException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpStatus;
import org.springframework.util.unit.DataSize;
import org.springframework.web.reactive.function.client.ClientResponse;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class BodyReaderTest {
  private final BodyMemory memory = new BodyMemory(2 * Body.heldBytes(8 << 20) + 1000);
  private final BodyReader bodies = new BodyReader(DataSize.ofMegabytes(8), memory);

  @Test
  void body_isJoined() {
    byte[] body = new byte[100_000];
    new Random(1).nextBytes(body);
    Flux<DataBuffer> parts =
        Flux.range(0, body.length).map(i -> wrap(Arrays.copyOfRange(body, i, i + 1)));

    StepVerifier.create(read(response(parts)))
        .assertNext(bytes -> assertThat(bytes).isEqualTo(body))
        .verifyComplete();
  }

  @Test
  void emptyBody_isEmpty() {
    StepVerifier.create(read(response(Flux.empty())))
        .assertNext(bytes -> assertThat(bytes).isEmpty())
        .verifyComplete();
  }

  @Test
  void body_isRefused_beyondItsLimit() {
    StepVerifier.create(read(response(Flux.just(part(8 << 20), part(1)))))
        .verifyError(DataBufferLimitException.class);
  }

  @Test
  void announcedBody_isReadIntoPlace() {
    byte[] body = new byte[100_000];
    new Random(1).nextBytes(body);
    Flux<DataBuffer> parts =
        Flux.range(0, 100).map(i -> wrap(Arrays.copyOfRange(body, i * 1000, (i + 1) * 1000)));

    StepVerifier.create(read(announced(body.length, parts)))
        .assertNext(bytes -> assertThat(bytes).isEqualTo(body))
        .verifyComplete();
    assertThat(memory.held()).isZero();
  }

  @Test
  void announcedBody_isRefused_beyondItsLimit() {
    StepVerifier.create(read(announced((8 << 20) + 1, Flux.just(part(1)))))
        .verifyError(DataBufferLimitException.class);
    assertThat(memory.held()).isZero();
  }

  @Test
  void bodyBeyondWhatWasAnnounced_isRefused() {
    StepVerifier.create(read(announced(10, Flux.just(part(11)))))
        .verifyError(DataBufferLimitException.class);
  }

  @Test
  void announcedBody_waitsForItsRoom_beforeAByteIsRead() {
    Disposable first = read(announced(8 << 20, Flux.never())).subscribe();
    Disposable second = read(announced(8 << 20, Flux.never())).subscribe();
    var isRead = new AtomicBoolean();
    Flux<DataBuffer> parts = Flux.just(part(8 << 20)).doOnSubscribe(s -> isRead.set(true));
    Mono<byte[]> third = read(announced(8 << 20, parts));

    StepVerifier.create(third)
        .expectSubscription()
        .then(() -> assertThat(isRead).isFalse())
        .then(first::dispose)
        .expectNextCount(1)
        .verifyComplete();
    second.dispose();
    assertThat(memory.held()).isZero();
  }

  @Test
  void bodyWithoutALength_isRefused_whereItFindsNoRoom_andReadAgainAfterwards() {
    List<Disposable> inFlight = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Flux<DataBuffer> unfinished = Flux.just(part(8 << 20)).concatWith(Flux.never());
      inFlight.add(read(response(unfinished)).subscribe());
    }

    StepVerifier.create(read(response(Flux.just(part(5 << 20)))))
        .verifyError(NoRoomException.class);

    inFlight.forEach(Disposable::dispose);
    StepVerifier.create(read(response(Flux.just(part(5 << 20)))))
        .expectNextCount(1)
        .verifyComplete();
    assertThat(memory.held()).isZero();
  }

  private static ClientResponse announced(int length, Flux<DataBuffer> body) {
    return ClientResponse.create(HttpStatus.OK)
        .header("Content-Length", Integer.toString(length))
        .body(body)
        .build();
  }

  /** As a call does: the room is given back when it is over. */
  private Mono<byte[]> read(ClientResponse response) {
    return Mono.using(bodies::room, room -> bodies.read(response, room), BodyRoom::close);
  }

  private static DataBuffer part(int bytes) {
    return wrap(new byte[bytes]);
  }

  private static DataBuffer wrap(byte[] bytes) {
    return DefaultDataBufferFactory.sharedInstance.wrap(bytes);
  }

  private static ClientResponse response(Flux<DataBuffer> body) {
    return ClientResponse.create(HttpStatus.OK).body(body).build();
  }
}
