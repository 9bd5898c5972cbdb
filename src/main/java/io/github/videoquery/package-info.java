/**
 * Starts the service. The way of one request:
 *
 * <pre>
 * Jetty
 *  edge     request id, safe headers
 *  access   AccessFilter → Caller                          401 · 403
 *  query    RememberedTaskFilter   any fresh answer: given now, Spring MVC never runs     200 · 304
 *  query    VideoQueryController   whatever has to be asked
 *  cache    Tasks.latest           fresh? → in flight? join → upstream
 *  upstream UpstreamClient         key → WebClient → ReplyClassifier → TaskReply
 *  cache    Retention              keep? fresh until? usable until?
 *  query    ReplyRenderer          one exhaustive switch → bytes or a problem
 * </pre>
 */
@NullMarked
package io.github.videoquery;

import org.jspecify.annotations.NullMarked;
