package io.github.videoquery.cache;

import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Known;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An answer that the feed published.
 *
 * @param number counted from 1
 * @param change the number of the latest update that differed from the one before
 * @param isBelieved false for a "not found" that is not the third in a row
 */
public record Update(long number, long change, Answer answer, boolean isBelieved) {

  /** The update after another one, or the first. */
  static Update after(@Nullable Update before, Answer answer, boolean isBelieved) {
    if (before == null) {
      return new Update(1, 1, answer, isBelieved);
    }
    long number = before.number + 1;
    boolean isEqual =
        isBelieved == before.isBelieved
            && Objects.equals(before.answer.failure(), answer.failure())
            && isSameNews(before.answer, answer);
    return new Update(number, isEqual ? before.change : number, answer, isBelieved);
  }

  private static boolean isSameNews(Answer one, Answer other) {
    TaskReply mine = one.entry().reply();
    TaskReply theirs = other.entry().reply();
    return (mine instanceof Known known && theirs instanceof Known otherKnown)
        ? one.entry().isEnded() == other.entry().isEnded()
            && known.body().newsDigest() == otherKnown.body().newsDigest()
        : mine.equals(theirs);
  }
}
