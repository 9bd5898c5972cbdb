package io.github.videoquery.problem;

import java.util.List;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.PreEncodedHttpField;

/** Header fields that answers have wherever they come from: the handlers, Spring, or Jetty. */
public final class FixedFields {
  /** Those of each answer. */
  public static final List<HttpField> SAFE =
      List.of(
          new PreEncodedHttpField("X-Content-Type-Options", "nosniff"),
          new PreEncodedHttpField("Referrer-Policy", "no-referrer"));

  /** For a cache of nginx that is configured to ignore {@code Cache-Control}. */
  public static final HttpField NEVER_CACHED = new PreEncodedHttpField("X-Accel-Expires", "0");

  /** The request fields by which the answers to queries vary, in mode none. */
  public static final String VARIES_BY = "Accept, Accept-Encoding, Origin";

  private FixedFields() {}
}
