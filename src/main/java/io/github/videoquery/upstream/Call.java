package io.github.videoquery.upstream;

import io.github.videoquery.task.HeldBodies;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import java.util.function.BooleanSupplier;
import reactor.core.publisher.Mono;

/** One call to an account; an interface because tests replace {@link ProviderCall}. */
@FunctionalInterface
interface Call {
  /**
   * @param deadline on {@link io.github.videoquery.time.TimeSource#nanoTime()}
   * @param mayRepeat asked before a second request
   * @param held holds the body that the call brings
   */
  TaskReply make(
      TaskQuery query, ApiKey key, long deadline, BooleanSupplier mayRepeat, HeldBodies held);

  /** Opens a connection and closes it. */
  default Mono<Void> connect() {
    return Mono.empty();
  }
}
