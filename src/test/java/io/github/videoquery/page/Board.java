package io.github.videoquery.page;

import io.github.videoquery.support.Axe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.NoSuchElementException;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.support.ui.WebDriverWait;

/** The page in a browser, as a person uses it. */
record Board(ChromeDriver browser, String address) {
  private static final Path SCREENSHOTS = Path.of("target", "screenshots");

  Board open(String... ids) {
    browser.get(address + (ids.length == 0 ? "" : "?id=" + String.join("&id=", ids)));
    return this;
  }

  void add(String text) {
    find("#ids").sendKeys(text, Keys.ENTER);
  }

  void enterKey(String key) {
    WebElement field = find("#key");
    field.clear();
    field.sendKeys(key, Keys.ENTER);
  }

  WebElement find(String selector) {
    return browser.findElement(By.cssSelector(selector));
  }

  /** A part of a task's card. */
  WebElement part(String id, String selector) {
    return browser.findElements(By.cssSelector("#board > li")).stream()
        .filter(card -> text(card.findElement(By.cssSelector("h2"))).equals(id))
        .findFirst()
        .orElseThrow(() -> new NoSuchElementException("The board has no card for " + id))
        .findElement(By.cssSelector(selector));
  }

  /** The tasks, from the first card to the last. */
  List<String> ids() {
    return browser.findElements(By.cssSelector("#board h2")).stream().map(Board::text).toList();
  }

  static String text(WebElement element) {
    return Objects.requireNonNull(element.getDomProperty("textContent"));
  }

  void awaitState(String id, String state) {
    until(() -> part(id, ".state").getText().equals(state));
  }

  void awaitText(String selector, String text) {
    until(() -> find(selector).getText().contains(text));
  }

  void until(BooleanSupplier condition) {
    new WebDriverWait(browser, Duration.ofSeconds(20))
        .ignoring(NoSuchElementException.class, StaleElementReferenceException.class)
        .until(any -> condition.getAsBoolean());
  }

  void resize(int width, int height) {
    browser.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
  }

  void unsize() {
    browser.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
    browser.manage().window().setSize(new Dimension(1280, 900));
  }

  void dark(boolean isDark) {
    browser.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(
                Map.of("name", "prefers-color-scheme", "value", isDark ? "dark" : "light"),
                Map.of("name", "prefers-reduced-motion", "value", "reduce"))));
  }

  /** How many pixels of the page stick out to the right. */
  long overflow() {
    return (long)
        Objects.requireNonNull(
            browser.executeScript(
                "return document.documentElement.scrollWidth -"
                    + " document.documentElement.clientWidth"));
  }

  /** Keeps a picture of the whole page, and returns what axe-core finds in it. */
  List<?> look(String name) throws IOException {
    Files.createDirectories(SCREENSHOTS);
    Files.write(SCREENSHOTS.resolve(name + ".png"), browser.getScreenshotAs(OutputType.BYTES));
    return Axe.findings(browser);
  }
}
