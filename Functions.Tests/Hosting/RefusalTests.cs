using CasFunctions.LocalHost;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace CasFunctions.Tests.Hosting;

public sealed class RefusalTests
{
    [Theory]
    [InlineData(typeof(RefusedFunctions.Bound), "'body' of type System.IO.Stream can't be bound")]
    [InlineData(typeof(RefusedFunctions.Query), "'page' of type System.Int32 can't be bound")]
    [InlineData(typeof(RefusedFunctions.RouteType), "it can be string, int, long, Guid or bool")]
    [InlineData(typeof(RefusedFunctions.OptionalValue), "has to be nullable")]
    [InlineData(typeof(RefusedFunctions.Body), "it can be HttpRequest or HttpContext")]
    [InlineData(typeof(RefusedFunctions.Text), "return void, Task, ValueTask, IResult, IActionResult")]
    [InlineData(typeof(RefusedFunctions.TimerResult), "return void, Task or ValueTask")]
    [InlineData(typeof(RefusedFunctions.Route), "route 'f/{a'")]
    [InlineData(typeof(RefusedFunctions.FiveFields), "schedule '*/5 * * * *' isn't an NCRONTAB expression with six fields")]
    [InlineData(typeof(RefusedFunctions.UnsetSchedule), "the setting 'NoSuchSetting', which isn't set")]
    [InlineData(typeof(RefusedFunctions.NoTrigger), "it has 0 triggers")]
    [InlineData(typeof(RefusedFunctions.NotPublic), "the method isn't public")]
    [InlineData(typeof(RefusedFunctions.Name), "a name is a letter")]
    [InlineData(typeof(RefusedFunctions.Twice), "the name is used by")]
    public void A_function_that_can_not_run_is_refused_by_name_and_reason(Type functions, string reason)
    {
        var refusal = Assert.Throws<InvalidOperationException>(() => TestHost.Build([functions]));

        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(functions.FullName + ".Run", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void HTTP_functions_need_the_ASP_NET_set_up()
    {
        var builder = FunctionsApplication.CreateBuilder([]);
        builder.Services.AddSingleton(new FunctionTypes(typeof(RouteFunctions)));

        var refusal = Assert.Throws<InvalidOperationException>(builder.Build);

        Assert.Contains("ConfigureFunctionsWebApplication", refusal.Message, StringComparison.Ordinal);
    }
}
