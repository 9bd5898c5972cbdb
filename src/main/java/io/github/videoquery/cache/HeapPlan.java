package io.github.videoquery.cache;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.util.unit.DataSize;

/**
 * How the heap is divided, in bytes.
 *
 * @param cache the bound of the cache
 * @param bodies what is left to bodies outside it: {@link io.github.videoquery.task.BodyMemory}
 */
record HeapPlan(long cache, long bodies) {
  private static final long MEGABYTE = DataSize.ofMegabytes(1).toBytes();
  private static final Logger log = LoggerFactory.getLogger(HeapPlan.class);

  /** What the service takes besides bodies, under load: 40 MB, and 2 MB that the warm-up leaves. */
  private static final long SERVICE = DataSize.ofMegabytes(42).toBytes();

  /** The part of the heap that the collector needs free, so that it does not run all the time. */
  private static final int FREE_PART = 10;

  /**
   * The plan for a heap: the cache gets what is set, and no more than half of the heap or than
   * leaves room for two of the largest bodies.
   *
   * @throws InvalidConfigurationPropertyValueException with a sentence, if there is no such room
   */
  static HeapPlan of(long heap, long maxCache, long largestBody) {
    long usable = heap - SERVICE - heap / FREE_PART;
    long most = Math.min(heap / 2, usable - 2 * largestBody);
    if (most < 0) {
      throw new InvalidConfigurationPropertyValueException(
          "gateway.upstream.max-body-size",
          DataSize.ofBytes(largestBody),
          "The heap of "
              + megabytes(heap)
              + " MB is too small for answers of this size: give at least "
              + megabytes((SERVICE + 2 * largestBody) * FREE_PART / (FREE_PART - 1) + MEGABYTE)
              + " MB, or lower this setting.");
    }
    if (maxCache > most) {
      log.warn(
          "gateway.cache.max-size is lowered from {} MB to {} MB, as the heap has {} MB",
          megabytes(maxCache),
          megabytes(most),
          megabytes(heap));
    }
    long cache = Math.min(maxCache, most);
    return new HeapPlan(cache, usable - cache);
  }

  private static String megabytes(long bytes) {
    return Long.toString(DataSize.ofBytes(bytes).toMegabytes());
  }
}
