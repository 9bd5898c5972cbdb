package io.github.videoquery.edge;

import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Jetty's threads, without those that look for a connection's next request after an answer that
 * another thread completed: a virtual thread does that, which need not be woken.
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
      VirtualThreadHandler.VIRTUAL_THREADS.execute(job);
    } else {
      super.execute(job);
    }
  }
}
