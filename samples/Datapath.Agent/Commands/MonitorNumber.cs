using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Datapath.Agent.Commands;

/// <summary>Options that take a number from 1 on.</summary>
internal static class MonitorNumber
{
    public static Option<int> Create(string name, string description, Func<ArgumentResult, int> otherwise) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = otherwise,
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0)
                return number;
            result.AddError($"{name}: '{result.Tokens[0].Value}' must be a whole number, 1 to {int.MaxValue}");
            return 0;
        },
    };
}
