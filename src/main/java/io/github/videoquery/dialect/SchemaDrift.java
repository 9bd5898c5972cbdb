package io.github.videoquery.dialect;

import java.util.Locale;

/**
 * How an answer differs from what is known of the provider's, which may be about to change.
 *
 * @param field one of those that are read; never a value
 * @param hint what an operator can act on: the unknown word, the places that hold a URL; empty
 *     where there is none
 */
public record SchemaDrift(Kind kind, String field, String hint) {
  /** An answer about another task than the one asked about. */
  public static final SchemaDrift FOREIGN_TASK = new SchemaDrift(Kind.FOREIGN_TASK, "id");

  /** An answer that holds one of our keys. */
  public static final SchemaDrift KEY_IN_BODY = new SchemaDrift(Kind.KEY_IN_BODY, "body");

  public SchemaDrift(Kind kind, String field) {
    this(kind, field, "");
  }

  /** The ways to differ. */
  public enum Kind {
    /** A word for the task's state that nobody has seen yet. */
    UNKNOWN_STATUS,
    /** A field that such an answer always had. */
    MISSING_FIELD,
    /** A field of another JSON type. */
    CHANGED_TYPE,
    /** A time in seconds where it was in milliseconds before, or the reverse. */
    TIME_UNIT,
    /** An answer about another task than the one asked about. */
    FOREIGN_TASK,
    /** An answer that holds one of our keys. */
    KEY_IN_BODY;

    /** The value of the metric's tag. */
    public String tag() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
