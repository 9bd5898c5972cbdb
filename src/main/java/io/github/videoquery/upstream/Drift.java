package io.github.videoquery.upstream;

import java.util.Locale;

/**
 * How an answer differs from what is known of the provider's, which may be about to change.
 *
 * @param field one of those that are read; never a value
 */
record Drift(Kind kind, String field) {
  enum Kind {
    /** A word for the task's state that nobody has seen yet. */
    UNKNOWN_STATUS,
    /** A field that such an answer always had. */
    MISSING_FIELD,
    /** A field of another JSON type. */
    CHANGED_TYPE,
    /** A time in seconds where it was in milliseconds before, or the reverse. */
    TIME_UNIT,
    /** An answer about another task than the one asked about. */
    FOREIGN_TASK;

    String tag() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
