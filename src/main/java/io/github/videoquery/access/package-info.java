/** Who may ask, how often, and from where. */
@NullMarked
package io.github.videoquery.access;

import org.jspecify.annotations.NullMarked;
