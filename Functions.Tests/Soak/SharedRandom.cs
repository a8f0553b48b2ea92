namespace CasFunctions.Tests.Soak;

/// <summary>Random numbers from a seed, for several tasks at once.</summary>
internal sealed class SharedRandom(int seed) : Random(seed)
{
    private readonly Lock _gate = new();

    public override int Next()
    {
        lock (_gate)
        {
            return base.Next();
        }
    }

    public override int Next(int maxValue)
    {
        lock (_gate)
        {
            return base.Next(maxValue);
        }
    }

    public override int Next(int minValue, int maxValue)
    {
        lock (_gate)
        {
            return base.Next(minValue, maxValue);
        }
    }
}
