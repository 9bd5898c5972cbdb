package io.github.videoquery.access;

import java.util.Arrays;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpFields;

/**
 * Reads header fields that are lists (RFC 9110, section 5.6.1) whose elements are never quoted.
 * Jetty's own reader throws where a quote is not closed.
 */
final class FieldValues {
  private FieldValues() {}

  /** The elements of all lines of the field; none is empty. */
  static Stream<String> of(HttpFields fields, String name) {
    return fields.getValuesList(name).stream()
        .flatMap(line -> Arrays.stream(line.split(",", -1)))
        .map(String::strip)
        .filter(element -> !element.isEmpty());
  }
}
