namespace CasFunctions.Tests.Console;

/// <summary>The tests that drive the browser, one after the other: a second page would only slow the first.</summary>
[CollectionDefinition(Name)]
public sealed class ConsoleCollection
{
    /// <summary>The collection's name.</summary>
    public const string Name = "Console";
}
