package io.github.videoquery.upstream;

import java.time.Duration;

/**
 * How long it may take to find an address.
 *
 * @param connect the longest time to connect
 * @param call the longest time of a whole call
 * @param dnsMaxTtl the longest time an address from DNS is cached
 */
record AddressTimeouts(Duration connect, Duration call, Duration dnsMaxTtl) {
  private static final Duration USUAL = Duration.ofSeconds(2);

  /**
   * A lookup has to end before the deadline of its call, which would hide that the DNS is silent: a
   * fifth of it, since accounts share it, but 2 s where that is more, and half of it at most.
   */
  Duration lookup() {
    Duration fifth = call.dividedBy(5);
    Duration half = call.dividedBy(2);
    Duration least = half.compareTo(USUAL) < 0 ? half : USUAL;
    return fifth.compareTo(least) < 0 ? least : fifth;
  }
}
