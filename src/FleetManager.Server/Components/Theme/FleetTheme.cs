using MudBlazor;

namespace FleetManager.Server.Components.Theme;

/// <summary>The one theme. The same colours stand in app.css as <c>--f-…</c>, for pages that are drawn without MudBlazor.</summary>
internal static class FleetTheme
{
    private static readonly string[] s_fonts = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Liberation Sans", "sans-serif"];

    public static MudTheme Instance { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#1d5fb8",
            Background = "#f5f6f8",
            Surface = "#ffffff",
            AppbarBackground = "#ffffff",
            AppbarText = "#1b242e",
            DrawerBackground = "#ffffff",
            DrawerText = "#1b242e",
            TextPrimary = "#1b242e",
            TextSecondary = "#566270",
            ActionDefault = "#566270",
            LinesDefault = "#dfe3e8",
            LinesInputs = "#b9c1ca",
            TableLines = "#e7eaee",
            Divider = "#dfe3e8",
            Success = "#1a7a4a",
            Warning = "#9a5b00",
            Error = "#b92b2b",
            Info = "#1d5fb8",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#7db0f5",
            PrimaryContrastText = "#0e1216",
            Background = "#0f1317",
            Surface = "#171c22",
            AppbarBackground = "#171c22",
            AppbarText = "#e1e7ed",
            DrawerBackground = "#171c22",
            DrawerText = "#e1e7ed",
            TextPrimary = "#e1e7ed",
            TextSecondary = "#9aa6b2",
            ActionDefault = "#9aa6b2",
            LinesDefault = "#2a323b",
            LinesInputs = "#46515d",
            TableLines = "#232a32",
            Divider = "#2a323b",
            Success = "#57c48b",
            Warning = "#e0a54a",
            Error = "#f08a8a",
            Info = "#7db0f5",
            SuccessContrastText = "#0e1216",
            WarningContrastText = "#0e1216",
            ErrorContrastText = "#0e1216",
            InfoContrastText = "#0e1216",
        },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = s_fonts, FontSize = "0.875rem", LineHeight = "1.45", LetterSpacing = "normal" },
            Button = new ButtonTypography { FontFamily = s_fonts, FontSize = "0.8125rem", FontWeight = "600", LetterSpacing = "normal", TextTransform = "none" },
            H6 = new H6Typography { FontFamily = s_fonts, FontSize = "1rem", FontWeight = "650", LetterSpacing = "normal" },
        },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "6px", AppbarHeight = "48px", DrawerWidthLeft = "216px" },
    };
}
