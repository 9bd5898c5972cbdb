/** Refuses settings of the gateway that nobody reads, or that have no unit. */
@NullMarked
package io.github.videoquery.settings;

import org.jspecify.annotations.NullMarked;
