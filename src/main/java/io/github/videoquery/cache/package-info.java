/** Caches replies, shares calls in flight, and decides how long an entry stays fresh. */
@NullMarked
package io.github.videoquery.cache;

import org.jspecify.annotations.NullMarked;
