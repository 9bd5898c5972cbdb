package io.github.videoquery.settings;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;

/**
 * The names of all settings, as the components of the records that read them. An element of a list
 * is written {@code [0]} here, whichever it is.
 */
final class SettingNames {
  private static final String ELEMENT = "[0]";

  private static final int LETTERS = 2;

  private final Set<String> groups = new HashSet<>();
  private final Set<String> settings = new TreeSet<>();
  private final Set<String> plain;
  private final Set<String> variables;

  /**
   * @param records by the prefix of their settings
   */
  SettingNames(Map<String, Class<?>> records) {
    records.forEach(this::addGroup);
    this.plain =
        settings.stream()
            .map(name -> plain(ConfigurationPropertyName.of(name)))
            .collect(Collectors.toSet());
    this.variables =
        settings.stream()
            .flatMap(name -> Stream.of(variable(name), variable(name.replace("-", ""))))
            .collect(Collectors.toSet());
  }

  private void addGroup(String prefix, Class<?> group) {
    groups.add(prefix);
    for (RecordComponent component : group.getRecordComponents()) {
      String name = prefix + '.' + DataObjectPropertyName.toDashedForm(component.getName());
      Class<?> element = elementOf(component);
      if (element == null) {
        add(name, component.getType());
      } else {
        settings.add(name);
        add(name + ELEMENT, element);
      }
    }
  }

  private void add(String name, Class<?> type) {
    boolean isReadFromText =
        Arrays.stream(type.getConstructors())
            .anyMatch(
                made -> Arrays.equals(made.getParameterTypes(), new Class<?>[] {String.class}));
    if (type.isRecord() && !isReadFromText) {
      addGroup(name, type);
    } else {
      settings.add(name);
    }
  }

  private static @Nullable Class<?> elementOf(RecordComponent component) {
    return component.getGenericType() instanceof ParameterizedType list
            && list.getActualTypeArguments()[0] instanceof Class<?> element
        ? element
        : null;
  }

  /** All settings. */
  Set<String> all() {
    return Set.copyOf(settings);
  }

  /** Whether a file or an argument may use this name. */
  boolean isSetting(ConfigurationPropertyName name) {
    return plain.contains(plain(name));
  }

  /** Whether it is what settings begin with, as in {@code gateway.cache}. */
  boolean isGroup(ConfigurationPropertyName name) {
    return groups.stream()
        .anyMatch(group -> plain(ConfigurationPropertyName.of(group)).equals(plain(name)));
  }

  private static String plain(ConfigurationPropertyName name) {
    return IntStream.range(0, name.getNumberOfElements())
        .mapToObj(i -> name.isNumericIndex(i) ? "0" : name.getElement(i, Form.UNIFORM))
        .collect(Collectors.joining("."));
  }

  /** Whether Spring reads this environment variable as a setting: with or without its dashes. */
  boolean isVariable(String variable) {
    return variables.contains(anyElement(variable));
  }

  /** Whether a variable is likely to be meant as a setting: nearly one, or below a group. */
  boolean isMeantAsSetting(String variable) {
    String name = anyElement(variable);
    return groups.stream().anyMatch(group -> name.startsWith(variable(group) + '_'))
        || isNearly(name);
  }

  /** Whether it is a setting but for two letters or their separators. */
  boolean isNearly(String name) {
    String written = anyElement(variable(name));
    return settings.stream().anyMatch(one -> distance(written, variable(one)) <= LETTERS);
  }

  /** Whether at most a fourth of the letters differ. */
  boolean isSimilar(String name, String setting) {
    String written = anyElement(variable(name));
    return distance(written, anyElement(variable(setting))) <= written.length() / 4;
  }

  /** The setting whose name is most like this one. */
  String nearest(String name) {
    String written = anyElement(variable(name));
    return settings.stream()
        .min(Comparator.comparingInt(setting -> distance(written, variable(setting))))
        .orElseThrow();
  }

  private static String anyElement(String variable) {
    return variable.replaceAll("(?<=_)\\d+(?=_|$)", "0");
  }

  /** As an environment variable is named: {@code GATEWAY_CACHE_MAX_SIZE}. */
  static String variable(String name) {
    return name.replaceAll("[.\\[\\-]", "_").replace("]", "").toUpperCase(Locale.ROOT);
  }

  private static int distance(String one, String other) {
    return LevenshteinDistance.getDefaultInstance()
        .apply(one.replace("_", ""), other.replace("_", ""));
  }
}
