package io.github.videoquery.access;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.EstimationProbe;
import io.github.bucket4j.TimeMeter;
import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.time.TimeSource;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What somebody may still ask: a bucket that each question takes tokens from. Whoever is refused is
 * told the policy and when to come back (draft-ietf-httpapi-ratelimit-headers-10).
 */
final class RateLimiter {
  /** Tokens of the bucket that one question is worth: fractions of a question are counted, too. */
  private static final long QUESTION = 1000;

  private final String policy;
  private final Rate rate;
  private final long hitCost;
  private final String detail;
  private final Bucket bucket;

  /**
   * @param policy what the header fields call it
   * @param hitCost the part of a question that a remembered answer costs, 0 to 1
   * @param detail tells whoever is refused what happened
   */
  RateLimiter(String policy, Rate rate, double hitCost, String detail, TimeSource time) {
    this.policy = policy;
    this.rate = rate;
    this.hitCost = Math.round(hitCost * QUESTION);
    this.detail = detail;
    this.bucket =
        Bucket.builder()
            .addLimit(
                limit ->
                    limit
                        .capacity(rate.burst() * QUESTION)
                        .refillGreedy(
                            Math.round(rate.perSecond() * QUESTION), Duration.ofSeconds(1)))
            .withCustomTimePrecision(new TickerMeter(time))
            .build();
  }

  /**
   * Takes what an answer from memory costs.
   *
   * @throws ProblemException {@code rate-limited}, if there is not as much left
   */
  void takeHit() {
    if (hitCost > 0 && !bucket.tryConsume(hitCost)) {
      throw new ProblemException(refusal(QUESTION)); // nobody knows yet what it will cost
    }
  }

  /**
   * Takes what an answer that memory alone does not give costs beyond {@link #takeHit()}. A refused
   * query costs nothing, so this then returns what {@link #takeHit()} took.
   *
   * @throws ProblemException {@code rate-limited}, if there is not as much left
   */
  void takeRestOfMiss() {
    if (hitCost < QUESTION && !bucket.tryConsume(QUESTION - hitCost)) {
      bucket.addTokens(hitCost);
      throw new ProblemException(refusal(QUESTION));
    }
  }

  /** Returns what a query took by both: it was refused for another reason. */
  void returnMiss() {
    bucket.addTokens(QUESTION);
  }

  /** Takes a whole question; returns the refusal if there is not as much left. */
  @Nullable Problem takeOrRefuse() {
    return bucket.tryConsume(QUESTION) ? null : refusal(QUESTION);
  }

  private Problem refusal(long tokens) {
    EstimationProbe probe = bucket.estimateAbilityToConsume(tokens);
    Duration wait = Duration.ofNanos(probe.getNanosToWaitForRefill());
    return Problem.retryable(ProblemCode.RATE_LIMITED, detail, wait, Map.of())
        .withHeader(
            "RateLimit-Policy",
            "\"" + policy + "\";q=" + rate.burst() + ";w=" + seconds(rate.window()))
        .withHeader(
            "RateLimit",
            "\""
                + policy
                + "\";r="
                + probe.getRemainingTokens() / QUESTION
                + ";t="
                + seconds(wait));
  }

  private static long seconds(Duration duration) {
    return Math.max(1, duration.plusNanos(999_999_999).toSeconds());
  }

  private record TickerMeter(TimeSource time) implements TimeMeter {
    @Override
    public long currentTimeNanos() {
      return time.nanoTime();
    }

    @Override
    public boolean isWallClockBased() {
      return false;
    }
  }
}
