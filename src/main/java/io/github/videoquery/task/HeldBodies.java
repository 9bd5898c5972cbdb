package io.github.videoquery.task;

import io.github.videoquery.task.TaskReply.Known;
import java.util.ArrayList;
import java.util.List;

/**
 * The bodies that a call in flight, a subscription or an exchange holds: they count in {@link
 * BodyMemory} until it releases them. A body is handed from one holder to the next by adding it
 * there first, so that it counts all the time. Threads may share a holder.
 */
public final class HeldBodies implements AutoCloseable {
  private final BodyMemory memory;
  private List<Body> bodies = List.of();
  private boolean isClosed;

  HeldBodies(BodyMemory memory) {
    this.memory = memory;
  }

  /** Counts the body of a reply, if it has one; after {@link #close}, nothing. */
  public synchronized void add(TaskReply reply) {
    if (!isClosed && reply instanceof Known known && BodyMemory.isCounted(known.body())) {
      memory.hold(known.body());
      bodies = bodies.isEmpty() ? new ArrayList<>(1) : bodies;
      bodies.add(known.body());
    }
  }

  /** Releases all bodies; others can be added. */
  public void release() {
    take().forEach(memory::release); // outside this lock: it resumes reads that wait for memory
  }

  /** Hands all bodies over to a new holder; others can be added. */
  public HeldBodies moved() {
    var holder = new HeldBodies(memory);
    holder.bodies = take();
    return holder;
  }

  private synchronized List<Body> take() {
    List<Body> released = bodies;
    bodies = List.of();
    return released;
  }

  @Override
  public void close() {
    synchronized (this) {
      isClosed = true;
    }
    release();
  }
}
