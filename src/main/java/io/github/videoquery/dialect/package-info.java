/**
 * What a provider's answer means. Pure: no connection, no clock, no log. What hosts of this family
 * say in different words is data here, in one place each: {@link
 * io.github.videoquery.dialect.StatusWords}, {@link io.github.videoquery.dialect.LinkPlaces},
 * {@link io.github.videoquery.dialect.ErrorCodes}, {@link io.github.videoquery.dialect.LinkExpiry}.
 */
@NullMarked
package io.github.videoquery.dialect;

import org.jspecify.annotations.NullMarked;
