package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.upstream.BodyReader.NoRoomException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpStatus;
import org.springframework.util.unit.DataSize;
import org.springframework.web.reactive.function.client.ClientResponse;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

class BodyReaderTest {
  private final BodyReader bodies = new BodyReader(DataSize.ofMegabytes(8));

  @Test
  void body_isJoined() {
    byte[] body = new byte[100_000];
    new Random(1).nextBytes(body);
    Flux<DataBuffer> parts =
        Flux.range(0, body.length).map(i -> wrap(Arrays.copyOfRange(body, i, i + 1)));

    StepVerifier.create(bodies.read(response(parts)))
        .assertNext(bytes -> assertThat(bytes).isEqualTo(body))
        .verifyComplete();
  }

  @Test
  void emptyBody_isEmpty() {
    StepVerifier.create(bodies.read(response(Flux.empty())))
        .assertNext(bytes -> assertThat(bytes).isEmpty())
        .verifyComplete();
  }

  @Test
  void body_isRefused_beyondItsLimit() {
    StepVerifier.create(bodies.read(response(Flux.just(part(8 << 20), part(1)))))
        .verifyError(DataBufferLimitException.class);
  }

  @Test
  void body_isRefused_whileAllInFlightFillTheRoom_andReadAgainAfterwards() {
    List<Disposable> inFlight = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Flux<DataBuffer> unfinished = Flux.just(part(8 << 20)).concatWith(Flux.never());
      inFlight.add(bodies.read(response(unfinished)).subscribe());
    }

    StepVerifier.create(bodies.read(response(Flux.just(part(1)))))
        .verifyError(NoRoomException.class);

    inFlight.forEach(Disposable::dispose);
    StepVerifier.create(bodies.read(response(Flux.just(part(1)))))
        .expectNextCount(1)
        .verifyComplete();
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
