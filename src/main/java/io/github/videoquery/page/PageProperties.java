package io.github.videoquery.page;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The page for people.
 *
 * @param enabled whether the page for people is served at {@code /}
 * @param examples task ids that the page offers; <code>{now}</code> in one becomes the current Unix
 *     second
 */
@ConfigurationProperties("gateway.page")
record PageProperties(@DefaultValue("true") boolean enabled, @DefaultValue List<String> examples) {}
