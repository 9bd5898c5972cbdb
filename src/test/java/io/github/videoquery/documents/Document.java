package io.github.videoquery.documents;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One of the project's Markdown files. */
record Document(Path path, String text) {
  private static final Pattern FENCE =
      Pattern.compile("^```(\\w*)\n(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern HEADING = Pattern.compile("^#+ +(.*)$", Pattern.MULTILINE);
  private static final Pattern ANCHOR = Pattern.compile("<a id=\"([^\"]+)\">");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern CODE = Pattern.compile("`[^`\n]*`");

  static Document read(String path) {
    try {
      return new Document(Path.of(path), Files.readString(Path.of(path)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The documents of the root, docs, bench and helm. */
  static List<Document> all() {
    return Stream.of(".", "docs", "bench", "helm")
        .flatMap(folder -> markdown(Path.of(folder)).stream())
        .map(path -> read(path.normalize().toString()))
        .toList();
  }

  private static List<Path> markdown(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".md")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The fenced blocks of a language. */
  List<String> blocks(String language) {
    return FENCE
        .matcher(text)
        .results()
        .filter(block -> block.group(1).equals(language))
        .map(block -> block.group(2))
        .toList();
  }

  /** Without its fenced blocks. */
  private String prose() {
    return FENCE.matcher(text).replaceAll("\n");
  }

  /** Without anything that is code, an address or markup. */
  String sentences() {
    return CODE.matcher(prose())
        .replaceAll(" ")
        .replaceAll("\\]\\([^)]*\\)", " ")
        .replaceAll("https?://\\S+", " ")
        .replaceAll("<[^>]*>", " ");
  }

  /** The targets of its links. */
  List<String> links() {
    return LINK.matcher(prose()).results().map(link -> link.group(1)).toList();
  }

  /** What may follow {@code #} in a link to it, as GitHub makes it of headings. */
  Set<String> anchors() {
    return Stream.concat(
            HEADING.matcher(prose()).results().map(heading -> slug(heading.group(1))),
            ANCHOR.matcher(text).results().map(anchor -> anchor.group(1)))
        .collect(Collectors.toSet());
  }

  private static String slug(String heading) {
    return heading.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
  }

  /** The cells of the rows whose first cells match, without the backquotes around a cell. */
  List<List<String>> rows(String firstCells) {
    return Pattern.compile("^\\| " + firstCells + " \\|.*\\|$", Pattern.MULTILINE)
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .map(row -> List.of(row.substring(2, row.length() - 2).split(" ?\\| ?", -1)))
        .toList();
  }
}
