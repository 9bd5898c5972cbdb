package io.github.videoquery.dialect;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where the link to a finished task's video can stand, by path: names joined by dots, {@code []}
 * for the elements of a list, {@code *} for anything below. Names are compared in snake case, so
 * that {@code videoUrl} is {@code video_url}. Each place also holds an object with the link as its
 * {@code url}. The places of an envelope's inner object are those of the answer itself.
 */
record LinkPlaces(Node root) {
  /** The places that the provider's page documents: here a link may be no {@code http(s)} URL. */
  private static final List<String> DOCUMENTED =
      List.of("video_url", "detail.upsample_video_url", "detail.video_url");

  /** Seen on hosts of the same family and their vendors; the first that holds a link wins. */
  private static final List<String> SEEN =
      List.of(
          "url",
          "result_url",
          "metadata.url",
          "data.data.*",
          "fail_reason",
          "output",
          "outputs[]",
          "videos[].url",
          "videos[]",
          "task_result.videos[].url",
          "content.video_url",
          "creations[].url",
          "assets.video",
          "video.url",
          "video",
          "result_urls[]",
          "generated_samples[].video.uri",
          "generated_videos[].video.uri",
          "output.*",
          "result.*");

  /** What stands below these is a picture, the task's input, or our own address. */
  private static final List<String> NEVER =
      List.of(
          "image", "cover", "thumbnail", "preview", "poster", "frame", "input", "req", "webhook");

  static final Set<String> ENVELOPES =
      Set.of("data", "output", "result", "task", "response", "payload", "generate_video_response");

  private static final Pattern PATH =
      Pattern.compile("[A-Za-z0-9_-]+(\\[])*(\\.(\\*|[A-Za-z0-9_-]+(\\[])*))*");

  static final LinkPlaces STANDARD = of(List.of());

  /** The standard places, and behind them those of an operator. */
  static LinkPlaces of(List<String> more) {
    var root = new Node();
    int rank = 0;
    for (List<String> places : List.of(DOCUMENTED, SEEN, more)) {
      for (String place : places) {
        root.add(steps(place), 0, rank++);
      }
    }
    return new LinkPlaces(root);
  }

  /** Whether an operator's place can be read. */
  static boolean isPath(String place) {
    return PATH.matcher(place).matches();
  }

  static boolean isDocumented(int rank) {
    return rank < DOCUMENTED.size();
  }

  static boolean isNever(String name) {
    for (String word : NEVER) {
      if (name.contains(word)) {
        return true;
      }
    }
    return false;
  }

  private static List<String> steps(String place) {
    List<String> steps = new ArrayList<>();
    for (String name : place.split("\\.", -1)) {
      String bare = name.replace("[]", "");
      steps.add(SnakeCase.of(bare));
      for (int i = bare.length(); i < name.length(); i += 2) {
        steps.add("[]");
      }
    }
    return steps;
  }

  /** A step on the way to places. */
  static final class Node {
    static final int NONE = Integer.MAX_VALUE;

    private final Map<String, Node> children = new HashMap<>();
    private int rank = NONE;
    private int rankBelow = NONE;

    private void add(List<String> steps, int at, int newRank) {
      if (at == steps.size()) {
        rank = Math.min(rank, newRank);
        children.computeIfAbsent("url", url -> new Node()).rank =
            Math.min(children.get("url").rank, newRank);
      } else if (steps.get(at).equals("*")) {
        rankBelow = Math.min(rankBelow, newRank);
      } else {
        children.computeIfAbsent(steps.get(at), step -> new Node()).add(steps, at + 1, newRank);
      }
    }

    /** The next step; null if no place lies there. */
    @Nullable Node step(String name) {
      Node next = children.get(name);
      if (rankBelow == NONE) {
        return next;
      }
      var below = new Node();
      below.rankBelow = rankBelow;
      below.rank = rankBelow;
      if (next != null) {
        below.children.putAll(next.children);
        below.rank = Math.min(rankBelow, next.rank);
        below.rankBelow = Math.min(rankBelow, next.rankBelow);
      }
      return below;
    }

    /** The place's rank, {@link #NONE} if this is none. */
    int rank() {
      return rank;
    }
  }
}
