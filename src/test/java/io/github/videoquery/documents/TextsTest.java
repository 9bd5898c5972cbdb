package io.github.videoquery.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import morfologik.speller.Speller;
import morfologik.stemming.Dictionary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What can be checked of a document without running anything. */
class TextsTest {
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}_'’./:-]+");
  private static final Pattern PLAIN_WORD = Pattern.compile("\\p{Lu}?\\p{Ll}+");

  /** A document named in a comment, a text of the chart, an alert or a log line. */
  private static final Pattern MENTION =
      Pattern.compile("(?<![\\w/])((?:docs|bench|helm)/[\\w-]+\\.md|README\\.md)(#[\\w-]+)?");

  private static final Map<Path, Document> DOCUMENTS =
      Document.all().stream().collect(Collectors.toMap(Document::path, Function.identity()));

  @Test
  void readme_isRead_inAFewMinutes() {
    String readme = Document.read("README.md").text();

    assertThat(readme.lines().count()).isLessThanOrEqualTo(150);
    assertThat(readme.lines().filter(line -> line.length() > 120)).isEmpty();
  }

  @Test
  void localLinks_leadSomewhere() {
    List<String> dead = new ArrayList<>();
    for (Document document : DOCUMENTS.values()) {
      for (String link : document.links()) {
        if (!link.startsWith("https:")
            && !link.startsWith("http:")
            && !leadsSomewhere(document.path(), link)) {
          dead.add(document.path() + ": " + link);
        }
      }
    }

    assertThat(dead).isEmpty();
  }

  private static boolean leadsSomewhere(Path from, String link) {
    String[] parts = link.split("#", 2);
    Path folder = Objects.requireNonNullElse(from.getParent(), Path.of(""));
    Path target = parts[0].isEmpty() ? from : folder.resolve(parts[0]).normalize();
    Document document = DOCUMENTS.get(target);
    return parts.length == 1
        ? Files.exists(target)
        : document != null && document.anchors().contains(parts[1]);
  }

  @Test
  void documentsThatCodeAndChartName_exist() throws IOException {
    List<String> dead = new ArrayList<>();
    for (Path file : files("src/main", "helm")) {
      MENTION
          .matcher(Files.readString(file))
          .results()
          .map(mention -> mention.group())
          .filter(mention -> !leadsSomewhere(Path.of("pom.xml"), mention))
          .forEach(mention -> dead.add(file + ": " + mention));
    }

    assertThat(dead).isEmpty();
  }

  private static List<Path> files(String... folders) throws IOException {
    List<Path> files = new ArrayList<>();
    for (String folder : folders) {
      try (Stream<Path> all = Files.walk(Path.of(folder))) {
        all.filter(file -> file.toString().matches(".*\\.(java|yaml|html|js|json|tpl|txt)"))
            .forEach(files::add);
      }
    }
    return files;
  }

  /** American English, and the words of {@code words.txt}. */
  @Test
  void words_areSpelledCorrectly() throws IOException {
    var speller =
        new Speller(
            Dictionary.read(
                Speller.class.getResource("/org/languagetool/resource/en/hunspell/en_US.dict")));
    Set<String> known = new HashSet<>(Files.readAllLines(Path.of("src/test/resources/words.txt")));
    Map<String, Collection<Path>> misspelled = new TreeMap<>();
    for (Document document : DOCUMENTS.values()) {
      WORD.matcher(document.sentences())
          .results()
          .map(word -> word.group().replaceAll("^['’.:/-]+|['’.:/-]+$|['’]s$", ""))
          .flatMap(word -> Stream.of(word.split("[-/]")))
          .filter(word -> PLAIN_WORD.matcher(word).matches())
          .filter(word -> !known.contains(word) && speller.isMisspelled(word))
          .forEach(
              word ->
                  misspelled.computeIfAbsent(word, any -> new TreeSet<>()).add(document.path()));
    }

    assertThat(misspelled).isEmpty();
  }

  @Test
  void release_hasAnEntryInTheChangelog() throws IOException {
    String version =
        Pattern.compile("<artifactId>video-query-gateway</artifactId>\\s*<version>([^<]+)<")
            .matcher(Files.readString(Path.of("pom.xml")))
            .results()
            .findFirst()
            .orElseThrow()
            .group(1);

    assertThat(hasEntry(Document.read("CHANGELOG.md").text(), version)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "1.2.0, true",
    "1.2.0-SNAPSHOT, true",
    "1.3.0-SNAPSHOT, true",
    "1.3.0, false",
    "1.2, false",
  })
  void versionWithoutAnEntry_isRefused_unlessItIsASnapshot(String version, boolean accepted) {
    assertThat(hasEntry("# Changelog\n\n## Unreleased\n\n## 1.2.0\n", version)).isEqualTo(accepted);
  }

  private static boolean hasEntry(String changelog, String version) {
    return version.endsWith("-SNAPSHOT") || changelog.lines().anyMatch(("## " + version)::equals);
  }
}
