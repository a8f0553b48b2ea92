namespace CasFunctions.Tests.Services;

/// <summary>The real clock, moved: time-outs and pauses run as ever, only the time of day is another.</summary>
public sealed class ShiftedTime : TimeProvider
{
    private long _shift;

    /// <summary>Moves the time of day on.</summary>
    public void Advance(TimeSpan by) => Interlocked.Add(ref _shift, by.Ticks);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _shift));
}
