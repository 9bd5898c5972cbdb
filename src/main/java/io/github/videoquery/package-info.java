/**
 * Starts the service. The way of one request:
 *
 * <pre>
 * Jetty
 *  edge     EdgeHandler            request id, safe headers
 *  access   AccessHandler          who asks? → Caller                               401 · 403
 *  query    RememberedTaskHandler  any fresh answer: given now, by this thread      200 · 304
 *  edge     VirtualThreadHandler   from here on, a thread that may wait
 *  query    AwaitedTaskHandler     wait · watch
 *  query    VideoQueryController   whatever else has to be asked
 *  cache    Tasks.latest           fresh? → in flight? join → turn → Redis? → upstream
 *  upstream UpstreamClient         account → key → ProviderCall (GuardedCodec below WebClient)
 *  dialect  ReplyClassifier        what the answer means → TaskReply
 *  cache    Retention              keep? fresh until? usable until?
 *  query    ReplyRenderer          one exhaustive switch → bytes or a problem
 * </pre>
 */
@NullMarked
package io.github.videoquery;

import org.jspecify.annotations.NullMarked;
