package io.github.videoquery.access;

import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * Reads one YAML document whose values are texts as they are written ({@code 007}, {@code yes}). A
 * field that nobody reads is refused. As in Spring's own files, a field may be written {@code
 * per-second}, {@code perSecond} or {@code per_second}, and a list as a text with commas.
 *
 * <p>All methods throw {@link IllegalArgumentException} with a sentence that says how to fix the
 * document.
 */
final class ClientsYaml {
  /** Two for each of 10,000 clients. */
  private static final int MAX_ALIASES = 20_000;

  /** A field of this name is for anchors, which other fields refer to. */
  private static final String EXTENSION = "x-";

  /** A list that many entries share by an alias is read once. */
  private final IdentityHashMap<Object, List<String>> lists = new IdentityHashMap<>();

  /** The fields of the document; none if it is empty. */
  YamlFields read(byte[] yaml, String... known) {
    var options = new LoaderOptions();
    options.setCodePointLimit(Integer.MAX_VALUE);
    options.setMaxAliasesForCollections(MAX_ALIASES);
    options.setAllowDuplicateKeys(false);
    var dump = new DumperOptions();
    var reader =
        new Yaml(
            new SafeConstructor(options), new Representer(dump), dump, options, new TextsOnly());
    try {
      List<Object> documents = new ArrayList<>();
      reader
          .loadAll(new ByteArrayInputStream(yaml))
          .forEach(document -> documents.addAll(document == null ? List.of() : List.of(document)));
      if (documents.size() > 1) {
        throw refusal(
            "The file holds a second YAML document. Write all into one, without '---' between.");
      }
      return fields("The file", documents.isEmpty() ? Map.of() : documents.getFirst(), known);
    } catch (YAMLException e) {
      throw new IllegalArgumentException(
          "The file cannot be read: " + String.valueOf(e.getMessage()).replaceAll("\\s+", " "), e);
    }
  }

  /** No type is guessed from how a text looks. */
  private static final class TextsOnly extends Resolver {
    @Override
    protected void addImplicitResolvers() {
      addImplicitResolver(Tag.MERGE, MERGE, "<");
      addImplicitResolver(Tag.NULL, NULL, "~nN\0");
      addImplicitResolver(Tag.NULL, EMPTY, null);
    }
  }

  /**
   * @param node a mapping of the document
   * @param known the fields that it may have
   */
  YamlFields fields(String what, @Nullable Object node, String... known) {
    if (!(node instanceof Map<?, ?> mapping)) {
      throw refusal(
          what + " is written with its fields, as in {" + String.join(": …, ", known) + ": …}.");
    }
    Map<String, String> names = new HashMap<>();
    Stream.of(known).forEach(name -> names.put(plain(name), name));
    Map<String, @Nullable Object> values = new HashMap<>();
    for (Map.Entry<?, ?> field : mapping.entrySet()) {
      String written = field.getKey() instanceof String text ? text : "?";
      String name = names.remove(plain(written));
      if (name == null && written.startsWith(EXTENSION)) {
        continue;
      }
      if (name == null) {
        throw refusal(
            what
                + " has the field '"
                + written
                + "', which is unknown or written twice. It may have: "
                + String.join(", ", known)
                + '.');
      }
      values.put(name, field.getValue());
    }
    return new YamlFields(what, values, lists);
  }

  private static IllegalArgumentException refusal(String sentence) {
    return new IllegalArgumentException(sentence);
  }

  private static String plain(String name) {
    return name.replace("-", "").replace("_", "").toLowerCase(Locale.ROOT);
  }
}
