using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using NCrontab;

namespace CasFunctions.LocalHost;

/// <summary>A function that a clock starts.</summary>
internal sealed class TimerFunction : LocalFunction
{
    /// <exception cref="FunctionRefusedException">This host can't run the method, or can't read its schedule.</exception>
    public TimerFunction(string name, MethodInfo method, ParameterInfo trigger, TimerTriggerAttribute mark, IConfiguration configuration)
        : base(
            new LocalFunctionDefinition(name, method, trigger, "timerTrigger"),
            method,
            parameter => Bind(parameter, trigger),
            returnsResults: false)
    {
        Schedule = Parse(Resolve(mark.Schedule, configuration));
        RunOnStartup = mark.RunOnStartup;
    }

    /// <summary>When it runs, in UTC.</summary>
    public CrontabSchedule Schedule { get; }

    public bool RunOnStartup { get; }

    private static ArgumentSource Bind(ParameterInfo parameter, ParameterInfo trigger)
    {
        if (BindCommon(parameter) is { } common)
        {
            return common;
        }

        return parameter.Position == trigger.Position && parameter.ParameterType == typeof(TimerInfo)
            ? invocation => invocation.Timer
            : throw Unbindable(parameter, parameter.Position == trigger.Position ? "TimerInfo" : "FunctionContext or CancellationToken");
    }

    private static string Resolve(string schedule, IConfiguration configuration)
    {
        if (schedule.Length < 3 || schedule[0] != '%' || schedule[^1] != '%')
        {
            return schedule;
        }

        var setting = schedule[1..^1].Replace("__", ":", StringComparison.Ordinal);
        return configuration[setting] ?? throw new FunctionRefusedException($"its schedule is the setting '{setting}', which isn't set.");
    }

    private static CrontabSchedule Parse(string schedule) =>
        CrontabSchedule.TryParse(schedule, new CrontabSchedule.ParseOptions { IncludingSeconds = true })
        ?? throw new FunctionRefusedException($"schedule '{schedule}' isn't an NCRONTAB expression with six fields.");
}
