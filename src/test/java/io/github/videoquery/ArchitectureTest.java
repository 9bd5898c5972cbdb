package io.github.videoquery;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may use whom, as the package documentation draws it. */
@AnalyzeClasses(packages = "io.github.videoquery", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String ROOT = "io.github.videoquery";

  @ArchTest
  static final ArchRule roomsUseOnlyTheirNeighbours =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("root")
          .definedBy(ROOT)
          .layer("time")
          .definedBy(ROOT + ".time..")
          .layer("dialect")
          .definedBy(ROOT + ".dialect..")
          .layer("task")
          .definedBy(ROOT + ".task..")
          .layer("problem")
          .definedBy(ROOT + ".problem..")
          .layer("edge")
          .definedBy(ROOT + ".edge..")
          .layer("access")
          .definedBy(ROOT + ".access..")
          .layer("upstream")
          .definedBy(ROOT + ".upstream..")
          .layer("cache")
          .definedBy(ROOT + ".cache..")
          .layer("query")
          .definedBy(ROOT + ".query..")
          .whereLayer("time")
          .mayNotAccessAnyLayer()
          .whereLayer("dialect")
          .mayOnlyAccessLayers("task")
          .whereLayer("task")
          .mayNotAccessAnyLayer()
          .whereLayer("problem")
          .mayNotAccessAnyLayer()
          .whereLayer("edge")
          .mayOnlyAccessLayers("problem")
          .whereLayer("access")
          .mayOnlyAccessLayers("task", "problem", "edge")
          .whereLayer("upstream")
          .mayOnlyAccessLayers("task", "time", "dialect")
          .whereLayer("cache")
          .mayOnlyAccessLayers("task", "time", "dialect", "upstream")
          .whereLayer("query")
          .mayOnlyAccessLayers("task", "time", "cache", "access", "problem")
          .whereLayer("root")
          .mayNotBeAccessedByAnyLayer();

  @ArchTest
  static final ArchRule everyClassIsInARoom =
      classes()
          .should()
          .resideInAnyPackage(
              ROOT,
              ROOT + ".time",
              ROOT + ".dialect",
              ROOT + ".task",
              ROOT + ".problem",
              ROOT + ".edge",
              ROOT + ".access",
              ROOT + ".upstream",
              ROOT + ".cache",
              ROOT + ".query");

  @ArchTest
  static final ArchRule nothingIsInjectedIntoFields =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("org.springframework.beans.factory.annotation.Autowired")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("org.springframework.beans.factory.annotation.Value");

  @ArchTest
  static final ArchRule dialectIsPure =
      classes()
          .that()
          .resideInAPackage(ROOT + ".dialect")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              ROOT + ".dialect",
              ROOT + ".task",
              "java..",
              "tools.jackson.core..",
              "org.jspecify..");
}
