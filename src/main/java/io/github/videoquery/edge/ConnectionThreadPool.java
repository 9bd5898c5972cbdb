package io.github.videoquery.edge;

import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Jetty's thread pool, except for one kind of job: reading a connection's next request after
 * another thread completed the answer. A new virtual thread does that, so no pooled thread has to
 * be woken.
 */
public final class ConnectionThreadPool extends QueuedThreadPool {
  /**
   * A pool of the same size as the other, without a bound on its queue: what is queued are
   * selectors and acceptors.
   */
  public ConnectionThreadPool(QueuedThreadPool other) {
    super(other.getMaxThreads(), other.getMinThreads(), other.getIdleTimeout());
  }

  @Override
  public void execute(Runnable job) {
    if (job instanceof Connection) {
      VirtualThreadHandler.start(job);
    } else {
      super.execute(job);
    }
  }
}
