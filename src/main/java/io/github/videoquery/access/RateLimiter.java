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
 * A token bucket for queries. A refusal states the policy and when to retry
 * (draft-ietf-httpapi-ratelimit-headers-10).
 */
final class RateLimiter {
  /** Tokens for one query. They are many, because a hit costs a fraction of a query. */
  private static final long QUESTION = 1000;

  private final String policy;
  private final Rate rate;
  private final long hitCost;
  private final String detail;
  private final Bucket bucket;

  /**
   * @param policy what the header fields call it
   * @param hitCost the cost of a cache hit, as a fraction of a query, 0 to 1
   * @param detail the detail of the refusal
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
   * Takes the cost of a cache hit.
   *
   * @throws ProblemException {@code rate-limited}, if there is not as much left
   */
  void takeHit() {
    if (hitCost > 0 && !bucket.tryConsume(hitCost)) {
      throw new ProblemException(refusal(QUESTION)); // it may be a miss, so wait for a whole query
    }
  }

  /**
   * Takes the rest of the cost of so many cache misses, after {@link #takeHit()}. A refused query
   * costs nothing: if the rest is refused, the cost of the hit is returned.
   *
   * @throws ProblemException {@code rate-limited}, if there is not as much left
   */
  void takeRestOfMisses(int count) {
    if (!tryTake(cost(count) - hitCost)) {
      bucket.addTokens(hitCost);
      throw new ProblemException(refusal(cost(count)));
    }
  }

  /** So many misses cost no more than the bucket can hold; else they could never be paid. */
  private long cost(int misses) {
    return Math.min(misses, rate.burst()) * QUESTION;
  }

  /** Takes the rest of one without a refusal: whether there was as much left. */
  boolean tryTakeRestOfMiss() {
    return tryTake(QUESTION - hitCost);
  }

  private boolean tryTake(long tokens) {
    return tokens <= 0 || bucket.tryConsume(tokens);
  }

  /** Returns the whole cost of so many queries that were refused for another reason. */
  void returnMisses(int count) {
    bucket.addTokens(cost(count));
  }

  /** Takes the cost of a query; returns the refusal if there are not enough tokens. */
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
