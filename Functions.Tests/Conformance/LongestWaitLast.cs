using Xunit.Sdk;
using Xunit.v3;

namespace CasFunctions.Tests.Conformance;

/// <summary>Runs the case last that waits for what began when the suite began.</summary>
public sealed class LongestWaitLast : ITestCaseOrderer
{
    /// <inheritdoc/>
    public IReadOnlyCollection<TTestCase> OrderTestCases<TTestCase>(IReadOnlyCollection<TTestCase> testCases)
        where TTestCase : notnull, ITestCase =>
        [.. testCases.OrderBy(test => test.TestMethod?.MethodName == nameof(ConformanceTests.A_stall_at_the_commit))];
}
