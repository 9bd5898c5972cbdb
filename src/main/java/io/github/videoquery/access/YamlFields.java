package io.github.videoquery.access;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A mapping of a {@link ClientsYaml} document. A field without a value counts as absent.
 *
 * <p>All methods throw {@link IllegalArgumentException} with a sentence that says how to fix it.
 */
final class YamlFields {
  private final String what;
  private final Map<String, @Nullable Object> values;
  private final IdentityHashMap<Object, List<String>> lists;

  YamlFields(
      String what,
      Map<String, @Nullable Object> values,
      IdentityHashMap<Object, List<String>> lists) {
    this.what = what;
    this.values = values;
    this.lists = lists;
  }

  /** Whether the field is there, but has no value: neither a text nor a list. */
  boolean isEmpty(String name) {
    Object value = values.get(name);
    return values.containsKey(name)
        && (value == null || (value instanceof String text && text.replace(",", "").isBlank()));
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  @Nullable Object get(String name) {
    return values.get(name);
  }

  @Nullable String text(String name) {
    Object value = values.get(name);
    if (value instanceof List<?> || value instanceof Map<?, ?>) {
      throw new IllegalArgumentException(what + ": write " + name + " as one text.");
    }
    return value == null ? null : value.toString();
  }

  /** Null if the field is absent. */
  @Nullable List<String> texts(String name) {
    Object value = values.get(name);
    return value == null ? null : lists.computeIfAbsent(value, given -> asTexts(name, given));
  }

  private List<String> asTexts(String name, Object value) {
    return switch (value) {
      case List<?> list -> list.stream().map(element -> element(name, element)).toList();
      case Map<?, ?> _ -> List.of(element(name, value));
      default ->
          Stream.of(value.toString().split(","))
              .map(String::strip)
              .filter(text -> !text.isEmpty())
              .toList();
    };
  }

  private String element(String name, @Nullable Object element) {
    if (element == null || element instanceof List<?> || element instanceof Map<?, ?>) {
      throw new IllegalArgumentException(what + ": write " + name + " as a list of texts.");
    }
    return element.toString().strip();
  }
}
