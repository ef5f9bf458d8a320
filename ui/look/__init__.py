"""How everything looks: colours, icons, the style sheet, the language of Qt's own texts."""
