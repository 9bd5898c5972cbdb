package io.github.videoquery.cache;

/** The kinds of operations on Redis. */
enum RedisOperation {
  READ,
  /** Of an entry or a lease. */
  WRITE,
  /** Reading which tasks are forgotten: not of a query, and so not counted. */
  ANNOUNCEMENTS
}
