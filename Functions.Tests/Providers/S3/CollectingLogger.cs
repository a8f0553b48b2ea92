using CasFunctions.Providers.S3;
using Microsoft.Extensions.Logging;

namespace CasFunctions.Tests.Providers.S3;

/// <summary>Keeps what a store logs.</summary>
internal sealed class CollectingLogger : ILogger<S3BlobStore>
{
    public List<string> Lines { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Add($"{logLevel} {formatter(state, exception)}");
}
