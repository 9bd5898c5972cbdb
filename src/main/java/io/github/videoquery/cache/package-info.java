/** Remembers answers, shares calls in flight, and decides how long an answer stays fresh. */
@NullMarked
package io.github.videoquery.cache;

import org.jspecify.annotations.NullMarked;
